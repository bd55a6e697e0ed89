package webtest

import (
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a device with passkeys that the tab's browser believes to
// have. It answers every question by itself.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// Authenticator plugs a device into the tab: one that keeps keys which are found
// again, and verifies the person.
func (tab *Tab) Authenticator() *Authenticator {
	tab.T.Helper()
	_, err := chromedp.Call(tab.ctx, webauthn.Enable, webauthn.EnableParams{})
	tab.do("enable authenticators", err)
	made, err := chromedp.Call(tab.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	tab.do("add an authenticator", err)
	return &Authenticator{tab: tab, id: made.AuthenticatorID}
}

// Verifies sets whether the device verifies the person (finger, face, PIN).
func (a *Authenticator) Verifies(yes bool) {
	a.tab.T.Helper()
	_, err := chromedp.Call(a.tab.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes})
	a.tab.do("set whether the device verifies", err)
}

// Forget removes every key from the device.
func (a *Authenticator) Forget() {
	a.tab.T.Helper()
	_, err := chromedp.Call(a.tab.ctx, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: a.id})
	a.tab.do("remove the keys of the device", err)
}
