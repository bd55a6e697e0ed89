package ui

import (
	"maps"
	"slices"
)

func kindClass(k Kind) string {
	switch k {
	case OK, Warn, Stop:
		return string(k)
	}
	return "none"
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func iconPath(name string) string {
	switch name {
	case "wrong":
		return "M12 8v5M12 16.500v.1M4 20 12 4l8 16Z"
	case "idea":
		return "M9 18h6M10 21h4M12 3a6 6 0 0 1 3.500 10.900c-.7.6-1 1.100-1 2.100h-5c0-1-.3-1.500-1-2.100A6 6 0 0 1 12 3Z"
	case "concern":
		return "M4 5h16v11H9l-5 4Z"
	case "check":
		return "M4 12.500 9.500 18 20 6.500"
	case "lock":
		return "M6 11h12v9H6ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3"
	}
	return "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500"
}
