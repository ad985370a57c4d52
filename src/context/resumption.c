/*
** resumption.c - which sessions a client offers, and a server lets clients
** resume.
** SPDX-License-Identifier: MIT
**
** A resumed session brings the peer of the connection that it was made for,
** verified as that one did it, and OpenSSL verifies nothing anew. All that it
** compares, in servers, is the session id context, and it does so before it
** asks for the name of the host. So that id is made of all that decides about
** clients: a session made without a certificate is of no use once certificates
** are required, nor is one made with another host's trust. A client whose id
** differed would end the handshake; so clients look at the session beforehand.
*/
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/outcome.h"
#include "context/resumption.h"

/*
** {======================================================
** Servers
** =======================================================
*/

typedef struct Policy {
  unsigned long flags;
  int mode, depth;
} Policy;

static int digest (EVP_MD_CTX *md, const Policy *policy,
                   const unsigned char *names, size_t len,
                   unsigned char *id, unsigned int *size) {
  return md != NULL &&
         EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
         EVP_DigestUpdate(md, policy, sizeof *policy) == 1 &&
         EVP_DigestUpdate(md, names, len) == 1 &&
         EVP_DigestFinal_ex(md, id, size) == 1;
}

static void readpolicy (SSL *ssl, Policy *policy) {
  memset(policy, 0, sizeof *policy);  /* what lies between its fields too */
  policy->flags = X509_VERIFY_PARAM_get_flags(SSL_get0_param(ssl));
  policy->mode = SSL_get_verify_mode(ssl);
  policy->depth = SSL_get_verify_depth(ssl);
}

/* the policy is short enough to be the id itself; each connection comes here */
int lssl_bindsessions (SSL *ssl) {
  Policy policy;
  readpolicy(ssl, &policy);
  return SSL_set_session_id_context(ssl, (const unsigned char *)&policy,
                                    sizeof policy) == 1;
}

/* 'names' is the extension of server names, or NULL */
static int setid (SSL *ssl, const unsigned char *names, size_t len) {
  unsigned char id[EVP_MAX_MD_SIZE];
  unsigned int size;
  EVP_MD_CTX *md = EVP_MD_CTX_new();
  Policy policy;
  int ok;
  readpolicy(ssl, &policy);
  ok = digest(md, &policy, names, len, id, &size) &&
       SSL_set_session_id_context(ssl, id, size) == 1;
  EVP_MD_CTX_free(md);
  return ok;
}

int lssl_bindname (SSL *ssl) {
  const unsigned char *names = NULL;
  size_t len = 0;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &names, &len))
    len = 0;
  return setid(ssl, names, len);
}

static int on_clienthello (SSL *ssl, int *alert, void *unused) {
  (void)unused;
  if (lssl_bindname(ssl))
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

void lssl_bindnames (SSL_CTX *ctx, int bind) {
  SSL_CTX_set_client_hello_cb(ctx, bind ? on_clienthello : NULL, NULL);
}

/* }====================================================== */


/*
** {======================================================
** Clients
** =======================================================
*/

/* is 'peer' the host that 'param' asks for? so too if it asks for none */
static int isnamed (X509 *peer, X509_VERIFY_PARAM *param) {
  const char *host = X509_VERIFY_PARAM_get0_host(param, 0);
  char *ip = X509_VERIFY_PARAM_get1_ip_asc(param);
  int ok = 1;
  if (host != NULL)
    ok = X509_check_host(peer, host, 0, X509_VERIFY_PARAM_get_hostflags(param),
                         NULL) == 1;
  if (ip != NULL)
    ok = ok && X509_check_ip_asc(peer, ip, 0) == 1;
  OPENSSL_free(ip);
  return ok;
}

/* did the server show a raw key, which names no host? */
static int israw (SSL_SESSION *session) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  return SSL_SESSION_get0_peer_rpk(session) != NULL;
#else
  (void)session;
  return 0;
#endif
}

/* SSL_set_session has brought the verdict of the session's connection along */
static int isacceptable (SSL *ssl, SSL_SESSION *session) {
  X509 *peer = SSL_SESSION_get0_peer(session);
  if (!(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER))
    return 1;
  if (israw(session))
    return SSL_get_verify_result(ssl) == X509_V_OK;
  return peer != NULL && SSL_get_verify_result(ssl) == X509_V_OK &&
         isnamed(peer, SSL_get0_param(ssl));
}

int lssl_offersession (SSL *ssl, SSL_SESSION *session) {
  if (SSL_set_session(ssl, session) != 1)
    return 0;
  if (!isacceptable(ssl, session)) {
    SSL_set_session(ssl, NULL);
    SSL_set_verify_result(ssl, X509_V_OK);
  }
  lssl_clearerrors();  /* OpenSSL queues one where no address is asked for */
  return 1;
}

/* }====================================================== */
