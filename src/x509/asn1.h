/*
** asn1.h - OpenSSL's ASN.1 values as Lua values: object identifiers, names,
** times, general names. Every pointer given stays the caller's and must live
** through the call, so its owner has to be in a box (class.h): all may raise.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_asn1_h
#define lssl_x509_asn1_h

#include <openssl/x509v3.h>

#include "base/common.h"

/* An extension as a certificate shows it: constant since OpenSSL 4.0. */
#if OPENSSL_VERSION_NUMBER >= 0x40000000L
typedef const X509_EXTENSION Extension;
#else
typedef X509_EXTENSION Extension;
#endif

/* Each pushes one value. */
void lssl_pushasn1string (lua_State *L, const ASN1_STRING *s);  /* its bytes */
void lssl_pushobject (lua_State *L, const ASN1_OBJECT *object, int dotted);
void lssl_pushtime (lua_State *L, const ASN1_TIME *time);
void lssl_pushseconds (lua_State *L, const ASN1_TIME *time);  /* since 1970; nil for NULL */
void lssl_pushserial (lua_State *L, const ASN1_INTEGER *serial);
void lssl_puship (lua_State *L, const unsigned char *address, size_t size);

/* { { {"commonName", "x"}, ... }, ... }: one array per RDN */
void lssl_pushname (lua_State *L, const X509_NAME *name);

/* "CN=x,O=y" (RFC 4514), its first LSSL_NAMETEXT bytes; "" if it is empty */
#define LSSL_NAMETEXT	200
void lssl_pushnametext (lua_State *L, const X509_NAME *name);

/* {"DNS", "x"}, {"DirName", { ... }}, ... */
void lssl_pushgeneralname (lua_State *L, const GENERAL_NAME *name);

/*
** The number of an object like ssl.Purpose.SERVER_AUTH, NID_undef for others.
** Leaves 'arg' on the top.
*/
int lssl_topurpose (lua_State *L, int arg);

/* Lua functions: nid, short name, long name, dotted text of an object */
int lssl_txt2obj (lua_State *L);
int lssl_nid2obj (lua_State *L);

#endif
