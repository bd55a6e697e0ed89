package assert

// Signature is the check of the signature alone, for vectors that lack what is
// demanded beside it.
var Signature = signature
