/*
** options.c - the names that LuaSec has for OpenSSL's options: OpenSSL's own in
** small letters.
** SPDX-License-Identifier: MIT
*/
#include <openssl/ssl.h>

#include "luasec/options.h"

/* old ones that do nothing since OpenSSL 3.0, or are gone by now */
#define NOTHING(name)	{name, 0}

const Constant lssl_luasecoptions[] = {
#if defined(SSL_OP_ALL)
  {"all", (lua_Integer)SSL_OP_ALL},
#endif
#if defined(SSL_OP_ALLOW_CLIENT_RENEGOTIATION)
  {"allow_client_renegotiation", (lua_Integer)SSL_OP_ALLOW_CLIENT_RENEGOTIATION},
#endif
#if defined(SSL_OP_ALLOW_NO_DHE_KEX)
  {"allow_no_dhe_kex", (lua_Integer)SSL_OP_ALLOW_NO_DHE_KEX},
#endif
#if defined(SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION)
  {"allow_unsafe_legacy_renegotiation", (lua_Integer)SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION},
#endif
#if defined(SSL_OP_CIPHER_SERVER_PREFERENCE)
  {"cipher_server_preference", (lua_Integer)SSL_OP_CIPHER_SERVER_PREFERENCE},
#endif
#if defined(SSL_OP_CISCO_ANYCONNECT)
  {"cisco_anyconnect", (lua_Integer)SSL_OP_CISCO_ANYCONNECT},
#endif
#if defined(SSL_OP_CLEANSE_PLAINTEXT)
  {"cleanse_plaintext", (lua_Integer)SSL_OP_CLEANSE_PLAINTEXT},
#endif
#if defined(SSL_OP_COOKIE_EXCHANGE)
  {"cookie_exchange", (lua_Integer)SSL_OP_COOKIE_EXCHANGE},
#endif
#if defined(SSL_OP_CRYPTOPRO_TLSEXT_BUG)
  {"cryptopro_tlsext_bug", (lua_Integer)SSL_OP_CRYPTOPRO_TLSEXT_BUG},
#endif
#if defined(SSL_OP_DISABLE_TLSEXT_CA_NAMES)
  {"disable_tlsext_ca_names", (lua_Integer)SSL_OP_DISABLE_TLSEXT_CA_NAMES},
#endif
#if defined(SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)
  {"dont_insert_empty_fragments", (lua_Integer)SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS},
#endif
#if defined(SSL_OP_ECH_GREASE)
  {"ech_grease", (lua_Integer)SSL_OP_ECH_GREASE},
#endif
#if defined(SSL_OP_ECH_GREASE_RETRY_CONFIG)
  {"ech_grease_retry_config", (lua_Integer)SSL_OP_ECH_GREASE_RETRY_CONFIG},
#endif
#if defined(SSL_OP_ECH_IGNORE_CID)
  {"ech_ignore_cid", (lua_Integer)SSL_OP_ECH_IGNORE_CID},
#endif
#if defined(SSL_OP_ECH_TRIALDECRYPT)
  {"ech_trialdecrypt", (lua_Integer)SSL_OP_ECH_TRIALDECRYPT},
#endif
#if defined(SSL_OP_ENABLE_KTLS)
  {"enable_ktls", (lua_Integer)SSL_OP_ENABLE_KTLS},
#endif
#if defined(SSL_OP_ENABLE_KTLS_TX_ZEROCOPY_SENDFILE)
  {"enable_ktls_tx_zerocopy_sendfile", (lua_Integer)SSL_OP_ENABLE_KTLS_TX_ZEROCOPY_SENDFILE},
#endif
#if defined(SSL_OP_ENABLE_MIDDLEBOX_COMPAT)
  {"enable_middlebox_compat", (lua_Integer)SSL_OP_ENABLE_MIDDLEBOX_COMPAT},
#endif
  NOTHING("ephemeral_rsa"),
#if defined(SSL_OP_IGNORE_UNEXPECTED_EOF)
  {"ignore_unexpected_eof", (lua_Integer)SSL_OP_IGNORE_UNEXPECTED_EOF},
#endif
#if defined(SSL_OP_LEGACY_EC_POINT_FORMATS)
  {"legacy_ec_point_formats", (lua_Integer)SSL_OP_LEGACY_EC_POINT_FORMATS},
#endif
#if defined(SSL_OP_LEGACY_SERVER_CONNECT)
  {"legacy_server_connect", (lua_Integer)SSL_OP_LEGACY_SERVER_CONNECT},
#endif
  NOTHING("microsoft_big_sslv3_buffer"),
  NOTHING("microsoft_sess_id_bug"),
  NOTHING("msie_sslv2_rsa_padding"),
  NOTHING("netscape_ca_dn_bug"),
  NOTHING("netscape_challenge_bug"),
  NOTHING("netscape_demo_cipher_change_bug"),
  NOTHING("netscape_reuse_cipher_change_bug"),
#if defined(SSL_OP_NO_ANTI_REPLAY)
  {"no_anti_replay", (lua_Integer)SSL_OP_NO_ANTI_REPLAY},
#endif
#if defined(SSL_OP_NO_COMPRESSION)
  {"no_compression", (lua_Integer)SSL_OP_NO_COMPRESSION},
#endif
#if defined(SSL_OP_NO_DTLSv1)
  {"no_dtlsv1", (lua_Integer)SSL_OP_NO_DTLSv1},
#endif
#if defined(SSL_OP_NO_DTLSv1_2)
  {"no_dtlsv1_2", (lua_Integer)SSL_OP_NO_DTLSv1_2},
#endif
#if defined(SSL_OP_NO_DTLS_MASK)
  {"no_dtls_mask", (lua_Integer)SSL_OP_NO_DTLS_MASK},
#endif
#if defined(SSL_OP_NO_ENCRYPT_THEN_MAC)
  {"no_encrypt_then_mac", (lua_Integer)SSL_OP_NO_ENCRYPT_THEN_MAC},
#endif
#if defined(SSL_OP_NO_EXTENDED_MASTER_SECRET)
  {"no_extended_master_secret", (lua_Integer)SSL_OP_NO_EXTENDED_MASTER_SECRET},
#endif
#if defined(SSL_OP_NO_QUERY_MTU)
  {"no_query_mtu", (lua_Integer)SSL_OP_NO_QUERY_MTU},
#endif
#if defined(SSL_OP_NO_RENEGOTIATION)
  {"no_renegotiation", (lua_Integer)SSL_OP_NO_RENEGOTIATION},
#endif
#if defined(SSL_OP_NO_RX_CERTIFICATE_COMPRESSION)
  {"no_rx_certificate_compression", (lua_Integer)SSL_OP_NO_RX_CERTIFICATE_COMPRESSION},
#endif
#if defined(SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION)
  {"no_session_resumption_on_renegotiation",
   (lua_Integer)SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION},
#endif
  NOTHING("no_sslv2"),
#if defined(SSL_OP_NO_SSLv3)
  {"no_sslv3", (lua_Integer)SSL_OP_NO_SSLv3},
#endif
#if defined(SSL_OP_NO_SSL_MASK)
  {"no_ssl_mask", (lua_Integer)SSL_OP_NO_SSL_MASK},
#endif
#if defined(SSL_OP_NO_TICKET)
  {"no_ticket", (lua_Integer)SSL_OP_NO_TICKET},
#endif
#if defined(SSL_OP_NO_TLSv1)
  {"no_tlsv1", (lua_Integer)SSL_OP_NO_TLSv1},
#endif
#if defined(SSL_OP_NO_TLSv1_1)
  {"no_tlsv1_1", (lua_Integer)SSL_OP_NO_TLSv1_1},
#endif
#if defined(SSL_OP_NO_TLSv1_2)
  {"no_tlsv1_2", (lua_Integer)SSL_OP_NO_TLSv1_2},
#endif
#if defined(SSL_OP_NO_TLSv1_3)
  {"no_tlsv1_3", (lua_Integer)SSL_OP_NO_TLSv1_3},
#endif
#if defined(SSL_OP_NO_TX_CERTIFICATE_COMPRESSION)
  {"no_tx_certificate_compression", (lua_Integer)SSL_OP_NO_TX_CERTIFICATE_COMPRESSION},
#endif
  NOTHING("pkcs1_check_1"),
  NOTHING("pkcs1_check_2"),
#if defined(SSL_OP_PREFER_NO_DHE_KEX)
  {"prefer_no_dhe_kex", (lua_Integer)SSL_OP_PREFER_NO_DHE_KEX},
#endif
#if defined(SSL_OP_PRIORITIZE_CHACHA)
  {"prioritize_chacha", (lua_Integer)SSL_OP_PRIORITIZE_CHACHA},
#endif
#if defined(SSL_OP_SAFARI_ECDHE_ECDSA_BUG)
  {"safari_ecdhe_ecdsa_bug", (lua_Integer)SSL_OP_SAFARI_ECDHE_ECDSA_BUG},
#endif
#if defined(SSL_OP_SERVER_PREFERENCE)
  {"server_preference", (lua_Integer)SSL_OP_SERVER_PREFERENCE},
#endif
  NOTHING("single_dh_use"),
  NOTHING("single_ecdh_use"),
  NOTHING("ssleay_080_client_dh_bug"),
  NOTHING("sslref2_reuse_cert_type_bug"),
#if defined(SSL_OP_TLSEXT_PADDING)
  {"tlsext_padding", (lua_Integer)SSL_OP_TLSEXT_PADDING},
#endif
  NOTHING("tls_block_padding_bug"),
  NOTHING("tls_d5_bug"),
#if defined(SSL_OP_TLS_ROLLBACK_BUG)
  {"tls_rollback_bug", (lua_Integer)SSL_OP_TLS_ROLLBACK_BUG},
#endif
  {NULL, 0}
};
