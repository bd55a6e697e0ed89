package engine

import (
	"fmt"
	"strings"
	"testing"
)

// No address that cannot be read puts its password into what is told of it.
func TestAddressKeepsItsPassword(t *testing.T) {
	for _, address := range []string{
		"mysql://u:secret@h/x",
		"host=127.0.0.1 password = secret nonsense",
		"host=127.0.0.1 password=secret port=x",
		"postgres://u:pa:secret/rest@h/x",
		"postgres://u:pa/secret more@h/x",
		"postgres://u:%zzsecret@h/x",
		"postgres://u:secret@h/x?sslmode=nonsense",
	} {
		_, err := ConnConfig(address, "agm_werk")
		if err == nil {
			t.Errorf("%s counts as an address", address)
		} else if told := fmt.Sprintf("%v %+v", err, err); strings.Contains(told, "secret") {
			t.Errorf("%s: %s", address, told)
		}
	}
	if _, err := ConnConfig("postgres://u:secret@h/x?sslmode=nonsense", "agm_werk"); err == nil || !strings.Contains(err.Error(), "sslmode") {
		t.Errorf("what is wrong is not told: %v", err)
	}
}
