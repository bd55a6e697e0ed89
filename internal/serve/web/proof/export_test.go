package proof

// RoutesOf is Routes with another word on the state of the record.
var RoutesOf = routesOf
