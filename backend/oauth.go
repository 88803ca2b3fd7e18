package backend

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"securepush/api"
	"securepush/backend/store"
)

// oauthError is an error of the token endpoint.
//
// Example: {"error":"invalid_grant","error_description":"That user name and password do not match."}.
type oauthError struct {
	Error       api.Code `json:"error"`
	Description string   `json:"error_description,omitempty"`
}

// writeOAuthError answers as RFC 6749 section 5.2 has it. Its codes are the only ones for what is wrong with a request;
// the status tells more.
func writeOAuthError(w http.ResponseWriter, p *api.Problem) {
	setRetryAfter(w.Header(), p.RetryAfter)
	w.Header().Set("Pragma", "no-cache") // RFC 6749 section 5.1
	code := p.Code
	switch code {
	case api.CodeBadRequest, api.CodeInvalidField, api.CodeTooLarge, api.CodeUnsupportedMedia:
		code = api.CodeInvalidRequest
	}
	writeBody(w, p.Status, "application/json", oauthError{code, p.Detail})
}

// token is the token endpoint (RFC 6749 section 3.2).
func (s *Server) token(w http.ResponseWriter, r *http.Request, _ store.Principal) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	var g store.Grant
	grant := form.Get("grant_type")
	switch grant {
	case "password":
		g, err = s.passwordGrant(r, form)
	case "refresh_token":
		g, err = s.refreshGrant(r, form)
	case "":
		return api.NewProblem(api.CodeInvalidRequest, "The parameter grant_type is missing.")
	default:
		return api.NewProblem(api.CodeUnsupportedGrant, "The grant must be password or refresh_token.")
	}
	s.metrics.signIns.WithLabelValues(grant, outcome(err)).Inc()
	if err != nil {
		return err
	}
	w.Header().Set("Pragma", "no-cache")
	return writeJSON(w, http.StatusOK, api.Tokens{
		AccessToken: g.Access.Reveal(), TokenType: "Bearer", ExpiresIn: int(g.AccessExpires.Sub(s.now()).Round(time.Second).Seconds()),
		RefreshToken: g.Refresh.Reveal(), RefreshExpiresIn: max(1, int(g.Session.ExpiresAt.Sub(s.now()).Round(time.Second).Seconds())), User: g.Account.Name, Account: g.Account.ID, Claims: g.Account.Claims,
	})
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return string(asProblem(err).Code)
}

// passwordGrant signs a person in. It takes as long for a user that does not exist as for a wrong password, and says the
// same for a disabled one.
func (s *Server) passwordGrant(r *http.Request, form url.Values) (store.Grant, error) {
	name, password := form.Get("username"), api.NewSecret(form.Get("password"))
	if name == "" || password.Empty() {
		return store.Grant{}, api.NewProblem(api.CodeInvalidRequest, "The parameters username and password are needed.")
	}
	if len(password.Reveal()) > maxPasswordBytes {
		return store.Grant{}, api.NewProblem(api.CodeInvalidRequest, "The password is too long.")
	}
	device := form.Get("device")
	if err := (textField{name: "device", max: maxInstallationName}).check(device); err != nil {
		return store.Grant{}, err
	}
	succeeded, wait := s.signIns.attempt(name, clientAddress(r))
	if wait > 0 {
		return store.Grant{}, tryLater(api.CodeTooManyRequests, "Too many attempts to sign in. Wait a little.", wait)
	}
	account, err := s.lookUp(r, name)
	if err != nil {
		return store.Grant{}, err
	}
	ok, err := s.hasher.verify(r.Context(), account.PasswordHash.Reveal(), password)
	if err != nil {
		return store.Grant{}, err
	}
	var g store.Grant
	if ok { // the store refuses a disabled account
		g, err = s.store.StartSession(r.Context(), store.SignIn{Account: account.ID, VerifiedHash: account.PasswordHash, Device: device})
	}
	if !ok || errors.Is(err, store.ErrRefused) {
		s.log.InfoContext(r.Context(), "sign-in refused", "known", account.ID != "", "disabled", account.Disabled, "address", clientAddress(r))
		return store.Grant{}, api.NewProblem(api.CodeInvalidGrant, "That user name and password do not match.").Because(err)
	}
	if err == nil {
		succeeded()
	}
	return g, err
}

// lookUp finds an account; one that does not exist is the zero Account.
func (s *Server) lookUp(r *http.Request, name string) (store.Account, error) {
	if !userName.MatchString(name) {
		return store.Account{}, nil
	}
	account, err := s.store.AccountByName(r.Context(), name)
	if errors.Is(err, store.ErrNotFound) {
		return store.Account{}, nil
	}
	return account, err
}

// refreshGrant rotates a refresh token. One that was used before ends the sign-in, as either of its holders has stolen it
// (RFC 9700 section 4.14.2).
func (s *Server) refreshGrant(r *http.Request, form url.Values) (store.Grant, error) {
	token := api.NewSecret(form.Get("refresh_token"))
	if token.Empty() {
		return store.Grant{}, api.NewProblem(api.CodeInvalidRequest, "The parameter refresh_token is missing.")
	}
	g, err := s.store.RefreshSession(r.Context(), token)
	if errors.Is(err, store.ErrReused) {
		s.log.WarnContext(r.Context(), "refresh token used again, sign-in ended", "account", g.Account.ID, "session", g.Session.ID)
	}
	if errors.Is(err, store.ErrRefused) {
		return store.Grant{}, api.NewProblem(api.CodeInvalidGrant, "The sign-in has ended. Sign in again.").Because(err)
	}
	return g, err
}

// revoke ends a sign-in (RFC 7009). A token that is not known is as good as revoked.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request, _ store.Principal) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := api.NewSecret(form.Get("token"))
	if token.Empty() {
		return api.NewProblem(api.CodeInvalidRequest, "The parameter token is missing.")
	}
	account, err := s.store.RevokeToken(r.Context(), token)
	if err != nil {
		return err
	}
	// A device that signed out while it could not reach us says so with what it still has: the token.
	if device := form.Get("installation_id"); account != "" && installationID.MatchString(device) {
		if err := s.unregister(r.Context(), account, device); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// readForm reads the parameters of a request body. None may stand twice (RFC 6749 section 3.2), and those in the address
// do not count: addresses end up in logs.
func readForm(r *http.Request) (url.Values, error) {
	if t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" ||
		!isUTF8(params["charset"]) {
		return nil, api.NewProblem(api.CodeUnsupportedMedia, "Send a form, with the header Content-Type: application/x-www-form-urlencoded.")
	}
	b, err := readBody(r)
	if err != nil {
		return nil, err
	}
	return parseForm(string(b))
}

func parseForm(body string) (url.Values, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		// url.Error would quote the body, which holds a password
		return nil, api.NewProblem(api.CodeInvalidRequest, "The form cannot be read.")
	}
	for name, values := range form {
		if len(values) != 1 {
			return nil, api.NewProblem(api.CodeInvalidRequest, "The parameter "+clip(strings.ToValidUTF8(name, "?"), 32)+" stands twice.")
		}
		if !utf8.ValidString(values[0]) {
			return nil, api.NewProblem(api.CodeInvalidRequest, "The form is not valid UTF-8.")
		}
	}
	return form, nil
}
