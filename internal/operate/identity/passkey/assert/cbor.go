package assert

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// errCBOR says that bytes are not the canonical CBOR of CTAP2.
var errCBOR = errors.New("not canonical CBOR")

// deepest is how deep CTAP2 lets values lie in each other.
const deepest = 4

// decode reads one value of the CBOR that authenticators write (CTAP 2.1
// section 8): definite and shortest lengths, no tags, no fractions, no key
// twice. It returns the value and the bytes behind it. Numbers are int64, maps
// map[any]any with numbers and text as keys.
func decode(b []byte) (v any, rest []byte, err error) { return value(b, 0) }

func value(b []byte, depth int) (v any, rest []byte, err error) {
	if len(b) == 0 || depth > deepest {
		return nil, nil, errCBOR
	}
	major, info := b[0]>>5, b[0]&0x1f
	if major == 7 {
		switch info {
		case 20:
			return false, b[1:], nil
		case 21:
			return true, b[1:], nil
		case 22:
			return nil, b[1:], nil
		}
		return nil, nil, errCBOR
	}
	n, b, err := number(b[1:], info)
	if err != nil {
		return nil, nil, err
	}
	switch major {
	case 0, 1:
		if n > math.MaxInt64 {
			return nil, nil, errCBOR
		}
		if major == 1 {
			return -1 - int64(n), b, nil
		}
		return int64(n), b, nil
	case 2, 3:
		if n > uint64(len(b)) {
			return nil, nil, errCBOR
		}
		raw, rest := b[:n:n], b[n:]
		if major == 2 {
			return raw, rest, nil
		}
		if !utf8.Valid(raw) {
			return nil, nil, errCBOR
		}
		return string(raw), rest, nil
	case 4:
		return list(b, n, depth)
	case 5:
		return mapping(b, n, depth)
	}
	return nil, nil, errCBOR
}

// number reads the number behind a head, in its shortest form only.
func number(b []byte, info byte) (n uint64, rest []byte, err error) {
	if info < 24 {
		return uint64(info), b, nil
	}
	if info > 27 || len(b) < 1<<(info-24) {
		return 0, nil, errCBOR
	}
	var least uint64
	switch info {
	case 24:
		n, b, least = uint64(b[0]), b[1:], 24
	case 25:
		n, b, least = uint64(binary.BigEndian.Uint16(b)), b[2:], 1<<8
	case 26:
		n, b, least = uint64(binary.BigEndian.Uint32(b)), b[4:], 1<<16
	case 27:
		n, b, least = binary.BigEndian.Uint64(b), b[8:], 1<<32
	}
	if n < least {
		return 0, nil, errCBOR
	}
	return n, b, nil
}

func list(b []byte, n uint64, depth int) (any, []byte, error) {
	if n > uint64(len(b)) { // a value takes a byte at least
		return nil, nil, errCBOR
	}
	out := make([]any, 0, n)
	for range n {
		v, rest, err := value(b, depth+1)
		if err != nil {
			return nil, nil, err
		}
		out, b = append(out, v), rest
	}
	return out, b, nil
}

func mapping(b []byte, n uint64, depth int) (any, []byte, error) {
	if n > uint64(len(b))/2 {
		return nil, nil, errCBOR
	}
	out := make(map[any]any, n)
	for range n {
		k, rest, err := value(b, depth+1)
		if err != nil {
			return nil, nil, err
		}
		switch k.(type) {
		case int64, string:
		default:
			return nil, nil, errCBOR
		}
		if _, twice := out[k]; twice {
			return nil, nil, errCBOR
		}
		v, rest, err := value(rest, depth+1)
		if err != nil {
			return nil, nil, err
		}
		out[k], b = v, rest
	}
	return out, b, nil
}
