package api

import _ "embed" // for OpenAPI

// OpenAPI is the reference of the back end's HTTP interface. Do not change it.
//
//go:embed openapi.yaml
var OpenAPI []byte
