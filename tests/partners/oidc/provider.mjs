// OpenID providers by a library that we didn't write, as two directories of one host and a campus of its own.
//
// node provider.mjs PORT < configuration
//
// Each directory is a provider with an issuer of its own, /{directory}/v2.0. Beside them stands one discovery document
// for all, with {tenantid} in its issuer and shared addresses, as a host of many directories has it: who signs in names
// the directory, and the code comes back through the same token address. /campus is a provider alone, and so is /staff,
// which puts nothing into its id_token but who somebody is: the rest stands at its userinfo address.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const { client, directories, people } = JSON.parse(await text(process.stdin));
const base = `http://127.0.0.1:${port}`;

const decisive = ['tid', 'roles', 'wids', 'groups', 'hasgroups', '_claim_names'];

const mounts = new Map();
for (const directory of directories) mounts.set(`/${directory}/v2.0`, provider(directory, `/${directory}/v2.0`));
for (const name of ['campus', 'staff']) mounts.set(`/${name}`, provider(name, `/${name}`));

function provider(name, path) {
  const isDirectory = directories.includes(name);
  const made = new Provider(`${base}${path}`, {
    clients: [{ ...client, token_endpoint_auth_method: 'client_secret_basic' }],
    claims: {
      openid: name === 'staff' ? ['sub'] : ['sub', ...decisive],
      profile: name === 'staff' ? ['name', ...decisive] : ['name'],
      email: ['email', 'email_verified'],
    },
    // By the letter (OpenID Connect Core 1.0, section 5.4), a code's id_token has no claims of scopes.
    conformIdTokenClaims: name === 'staff',
    cookies: {
      keys: ['a key of these tests alone'],
      names: { session: `session.${name}`, interaction: `interaction.${name}`, resume: `resume.${name}` },
    },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 300, AccessToken: 300 },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, tid: isDirectory ? name : undefined, ...people[id] }),
    }),
  });
  made.on('server_error', (_, error) => console.error(error));
  return made.callback();
}

const anyDirectory = '/organizations';

createServer(async (request, response) => {
  const { pathname, search, searchParams } = new URL(request.url, base);
  if (pathname === `${anyDirectory}/v2.0/.well-known/openid-configuration`) return send(response, await shared());
  if (pathname === `${anyDirectory}/keys`) return pass(`/${directories[0]}/v2.0`, '/jwks', request, response);
  if (pathname === `${anyDirectory}/authorize`) return choose(response, `auth${search}`);
  if (pathname === `${anyDirectory}/end`) return end(response, search, searchParams.get('id_token_hint'));
  if (pathname === `${anyDirectory}/token`) return redeem(request, response);
  for (const path of mounts.keys()) {
    if (pathname.startsWith(`${path}/`)) return pass(path, request.url.slice(path.length), request, response);
  }
  response.writeHead(404).end();
}).listen(port, '127.0.0.1', () => console.log(`ready at ${base}`));

function pass(path, rest, request, response) {
  // What comes before the provider's own paths, told as web frameworks for Node tell it.
  request.originalUrl = request.url.startsWith(path) ? request.url : `${path}${rest}`;
  request.url = rest;
  return mounts.get(path)(request, response);
}

async function shared() {
  const one = await (await fetch(`${base}/${directories[0]}/v2.0/.well-known/openid-configuration`)).json();
  return {
    ...one,
    issuer: `${base}/{tenantid}/v2.0`,
    authorization_endpoint: `${base}${anyDirectory}/authorize`,
    token_endpoint: `${base}${anyDirectory}/token`,
    jwks_uri: `${base}${anyDirectory}/keys`,
    end_session_endpoint: `${base}${anyDirectory}/end`,
  };
}

function choose(response, rest) {
  const links = directories.map((each) => `<li><a href="/${each}/v2.0/${rest.replaceAll('&', '&amp;')}">${each}</a></li>`);
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(`<!doctype html><html lang="en"><title>Directories</title><h1>Which directory?</h1><ul>${links.join('')}</ul>`);
}

// Where the person is signed in, by the token that was given out there; without one the person knows.
function end(response, search, hint) {
  if (!hint) return choose(response, `session/end${search}`);
  const { tid } = JSON.parse(Buffer.from(hint.split('.')[1], 'base64url'));
  response.writeHead(303, { location: `/${tid}/v2.0/session/end${search}` }).end();
}

// The directory whose code it is knows it; the others answer invalid_grant.
async function redeem(request, response) {
  const body = await text(request);
  let answer;
  for (const directory of directories) {
    answer = await fetch(`${base}/${directory}/v2.0/token`, {
      method: 'POST',
      headers: {
        'content-type': request.headers['content-type'],
        ...(request.headers.authorization && { authorization: request.headers.authorization }),
      },
      body,
    });
    if (answer.ok) break;
  }
  send(response, await answer.json(), answer.status);
}

function send(response, document, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document));
}

async function text(stream) {
  return Buffer.concat(await Readable.from(stream).toArray()).toString();
}
