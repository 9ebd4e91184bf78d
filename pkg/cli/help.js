export const HELP = `\
edgeward: a gateway that verifies tokens in front of an API, on Cloudflare
Workers

  edgeward init [--issuer NAME] [--origin URL] [options] [FOLDER]
      Writes a project: configuration, source, README, and a workflow for CI.
      It asks for what is not given, and before it overwrites a file.
        --issuer NAME     who issues the tokens: auth0, keycloak, …;
                          \`edgeward init --list\` lists all
        --origin URL      the API that requests go to, such as
                          https://api.internal.example.com
        --NAME VALUE      what else the issuer needs, such as --domain for
                          auth0
        --framework NAME  what the API is made with: django, express or other
        --name NAME       the Worker's name; by default, the folder's
        --gate            the gate alone, without Durable Objects: a
                          revocation takes effect after 60 s or more
        --offline         does not read the issuer's discovery document
        --force           overwrites files
        --yes             asks nothing

  edgeward dev [--port PORT] [--demo] [-- options of wrangler dev]
      Checks the configuration, runs the gateway on this machine with
      \`wrangler dev\`, and shows each decision with its reason. It starts
      again when the configuration changes.
        --port PORT       by default, 8787
        --env NAME        the environment [env.NAME]
        --config FILE     as for \`edgeward check\`
        --demo            with a demo issuer and a demo origin instead of
                          yours

  edgeward deploy [--env NAME] [--config FILE] [--url URL] [--yes]
      Checks the configuration, lists what would be created and asks, deploys,
      and waits until the gateway is ready.
        --url URL         where to wait; by default, the deployed address
        --yes             asks nothing; a missing secret is then an error

  edgeward doctor URL [--origin URL] [--config FILE] [--path PATH]
                  [--token-env NAME]
      Examines a deployed gateway from outside: whether it is ready, its
      refusals, clocks and caches, and the keys of the issuers in FILE, which
      is by default the wrangler file of this folder.
        --origin URL      an API that must be reachable only through the
                          gateway; by default, those of FILE
        --path PATH       a path of the API that needs a token
        --token-env NAME  the environment variable NAME holds a token that
                          must be accepted; it is not sent over plain http to
                          another machine
`;
