//go:build !unix

package sequence

import "time"

// cpu is not measured here.
func cpu() time.Duration { return 0 }
