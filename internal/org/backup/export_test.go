package backup

// Between lets something happen between the steps of copying the journal's
// write-ahead log.
func Between(o Options, f func(step string)) Options { o.between = f; return o }
