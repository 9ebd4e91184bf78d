export const HELP = `\
edgeward: a gateway that verifies tokens in front of an API, on Cloudflare Workers

  edgeward init [--issuer NAME] [--origin URL] [options] [FOLDER]
      Writes a project: configuration, source, README, and a workflow for CI. What is not given is
      asked; with --yes it is not. A file that is there already is not overwritten without asking.
        --issuer NAME     who issues the tokens: auth0, keycloak, …; \`edgeward init --list\` has all
        --origin URL      the API that requests go to, such as https://api.internal.example.com
        --NAME VALUE      what the issuer needs besides, such as --domain for auth0
        --framework NAME  what the API is made with: django, express or other
        --name NAME       the Worker's name; the folder's unless said otherwise
        --gate            the gate alone, without Durable Objects: revocation takes 60 s or more
        --offline         does not read the issuer's discovery document
        --force           overwrites files
        --yes             asks nothing

  edgeward dev [--port PORT] [--demo] [-- options of wrangler dev]
      Checks the configuration, then runs the gateway here by \`wrangler dev\`, and shows each decision
      with its reason. It starts again when the configuration changes.
        --port PORT       8787 unless said otherwise
        --env NAME        the environment [env.NAME]
        --config FILE     as FILE of \`edgeward check\`
        --demo            with a demo issuer and a demo origin instead of yours

  edgeward deploy [--env NAME] [--config FILE] [--url URL] [--yes]
      Checks the configuration, says what would be created and asks, deploys, and waits until the
      gateway is ready.
        --url URL         where to wait; the deployed address unless said otherwise
        --yes             asks nothing; a missing secret is then an error

  edgeward doctor URL [--origin URL] [--config FILE] [--path PATH] [--token-env VARIABLE]
      Examines a deployed gateway from outside: whether it is ready, its refusals, clocks, caches, and
      the keys of the issuers in FILE, which is the wrangler file here unless said otherwise.
        --origin URL      an API that must not be reached around it; those of FILE unless said
                          otherwise
        --path PATH       a path of the API that needs a token
        --token-env NAME  the environment variable NAME holds a token that must be accepted; it is
                          not sent over plain http to another machine
`;
