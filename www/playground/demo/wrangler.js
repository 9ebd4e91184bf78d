// The configuration of the examples, and what names its issuer.

export const ISSUER = { name: 'demo', issuer: 'https://auth.example.com', address: 'https://auth.example.com/.well-known/jwks.json' };

export const CONFIGURATION = `# An example. Paste your own wrangler.toml over it: it stays in this page.
name = "gateway"
main = "build/index.js"
compatibility_date = "2026-10-01"

[[kv_namespaces]]
binding = "EDGEWARD_KV"
id = "0f2ac74b498b48028cb68387c421e279"

[vars.EDGEWARD]
realm = "api"

[[vars.EDGEWARD.origins]]
name = "main"
url = "https://main.internal.example.com"

[[vars.EDGEWARD.origins]]
name = "acme"
url = "https://acme.internal.example.com"

[[vars.EDGEWARD.tenants]]
name = "acme"
hosts = ["acme.example.com"]
origin = "acme"

[[vars.EDGEWARD.tenants]]
name = "globex"
hosts = ["globex.example.com"]
origin = "https://globex.internal.example.com"

[[vars.EDGEWARD.issuers]]
name = "demo"
issuer = "https://auth.example.com"
audiences = ["api"]
algorithms = ["ES256", "RS256"]
verify = { jwks = "https://auth.example.com/.well-known/jwks.json" }
claims = { tenant = "org.id" }

[[vars.EDGEWARD.routes]]
path = "/api/**"
access = "authenticated"

[[vars.EDGEWARD.routes]]
path = "/status"
methods = ["GET"]
access = "public"
origin = "main"

[[vars.EDGEWARD.routes]]
path = "/api/admin/**"
access = "authenticated"

[vars.EDGEWARD.routes.require]
all = [
  { role = "admin" },
  { any = [{ scope = "users:write" }, { claim = "org.plan", one_of = ["enterprise"] }] },
]
`;
