/*
** namerules.c - the rules of the Web PKI on names.
** SPDX-License-Identifier: MIT
**
** Names are counted bytes: nothing in a certificate promises that a NUL ends
** them, or that none comes before.
*/
#include <string.h>

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include "base/platform.h"
#include "x509/namerules.h"

#define LONGESTHOST	253
#define LONGESTLABEL	63

/* bytes that somebody else keeps */
typedef struct Bytes {
  const unsigned char *data;
  size_t size;
} Bytes;

static Bytes bytesof (const ASN1_STRING *s) {
  Bytes b;
  b.data = ASN1_STRING_get0_data(s);
  b.size = (size_t)ASN1_STRING_length(s);
  return b;
}

/* without its first 'n' bytes */
static Bytes after (Bytes b, size_t n) {
  b.data += n;
  b.size -= n;
  return b;
}

/* where 'c' is first, or the size */
static size_t find (Bytes b, unsigned char c) {
  const unsigned char *p = b.size
    ? (const unsigned char *)memchr(b.data, c, b.size) : NULL;
  return p ? (size_t)(p - b.data) : b.size;
}

static int isequal (Bytes a, Bytes b) {
  return a.size == b.size && (a.size == 0 ||
                              memcmp(a.data, b.data, a.size) == 0);
}

static unsigned char lower (unsigned char c) {
  return (c >= 'A' && c <= 'Z') ? (unsigned char)(c | 0x20) : c;
}

static int issamehost (Bytes a, Bytes b) {
  size_t i;
  if (a.size != b.size)
    return 0;
  for (i = 0; i < a.size; i++) {
    if (lower(a.data[i]) != lower(b.data[i]))
      return 0;
  }
  return 1;
}

/*
** {======================================================
** What can be a name (RFC 1123, 2.1; RFC 5280, 4.2.1.6)
** =======================================================
*/

static int isdecimal (unsigned char c) {
  return c >= '0' && c <= '9';
}

/* letters, digits, and hyphens between them */
static int islabel (Bytes label) {
  size_t i;
  if (label.size == 0 || label.size > LONGESTLABEL ||
      label.data[0] == '-' || label.data[label.size - 1] == '-')
    return 0;
  for (i = 0; i < label.size; i++) {
    unsigned char c = lower(label.data[i]);
    if (!(c >= 'a' && c <= 'z') && !isdecimal(c) && c != '-')
      return 0;
  }
  return 1;
}

static int isnumber (Bytes label) {
  size_t i;
  for (i = 0; i < label.size; i++) {
    if (!isdecimal(label.data[i]))
      return 0;
  }
  return 1;
}

/* an address in dots is no host's name: so no number comes last */
static int ishost (Bytes name) {
  if (name.size > LONGESTHOST)
    return 0;
  for (;;) {
    Bytes label = name;
    label.size = find(name, '.');
    if (!islabel(label))
      return 0;
    if (label.size == name.size)
      return !isnumber(label);
    name = after(name, label.size + 1);
  }
}

static int iswildcard (Bytes name) {
  return name.size > 2 && name.data[0] == '*' && name.data[1] == '.';
}

/* "local@host"; a local part that is quoted may be anything */
static int ismailbox (Bytes name) {
  size_t at = find(name, '@');
  if (name.size > 0 && name.data[0] == '"') {
    for (at = name.size; at > 0 && name.data[at - 1] != '@'; at--)
      ;
    return at > 3 && name.data[at - 2] == '"' && ishost(after(name, at));
  }
  return at > 0 && at < name.size && ishost(after(name, at + 1));
}

static int isaddress (Bytes name) {
  return name.size == 4 || name.size == 16;
}

static int isgoodname (const GENERAL_NAME *name) {
  Bytes b;
  switch (name->type) {
    case GEN_DNS:
      b = bytesof(name->d.dNSName);
      return ishost(iswildcard(b) ? after(b, 2) : b);
    case GEN_EMAIL:
      return ismailbox(bytesof(name->d.rfc822Name));
    case GEN_IPADD:
      return isaddress(bytesof(name->d.iPAddress));
    default:
      return 1;
  }
}

/* }====================================================== */


/*
** {======================================================
** Extensions: where one cannot be read, for want of memory too, no rule holds
** =======================================================
*/

static int isabsent (const X509 *cert, int nid) {
  return X509_get_ext_by_NID(cert, nid, -1) < 0;
}

static void *readextension (const X509 *cert, int nid) {
  return X509_get_ext_d2i(cert, nid, NULL, NULL);
}

/* }====================================================== */


/*
** {======================================================
** subjectAltName
** =======================================================
*/

/* 'names' becomes the caller's, NULL if there are none */
static int readnames (X509 *cert, GENERAL_NAMES **names) {
  *names = (GENERAL_NAMES *)readextension(cert, NID_subject_alt_name);
  return *names != NULL || isabsent(cert, NID_subject_alt_name);
}

int lssl_hasaltnames (const ChainLink *link) {
  GENERAL_NAMES *names;
  int good = readnames(link->cert, &names) && sk_GENERAL_NAME_num(names) > 0;
  GENERAL_NAMES_free(names);
  return good;
}

int lssl_hasgoodnames (const ChainLink *link) {
  GENERAL_NAMES *names;
  int good = readnames(link->cert, &names), i;
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
    good = good && isgoodname(sk_GENERAL_NAME_value(names, i));
  GENERAL_NAMES_free(names);
  return good;
}

/* }====================================================== */


/*
** {======================================================
** The common name: a copy of one of the others
** =======================================================
*/

/* does a program that knows addresses take it for one? (URL standard, 3.5) */
static int isaddresslike (Bytes name) {
  Bytes last = name;
  size_t dot;
  if (find(name, ':') < name.size)
    return 1;
  while ((dot = find(last, '.')) < last.size)
    last = after(last, dot + 1);
  if (last.size > 2 && last.data[0] == '0' && lower(last.data[1]) == 'x')
    return 1;
  return isnumber(last);
}

/* is 'text' that of the address (RFC 5952), as getnameinfo writes it? */
static int istextof (Bytes text, Bytes address) {
  BIO_ADDR *a = BIO_ADDR_new();
  char *written = NULL;
  int same = 0;
  if (a != NULL && isaddress(address) &&
      BIO_ADDR_rawmake(a, address.size == 4 ? AF_INET : AF_INET6,
                       address.data, address.size, 0))
    written = BIO_ADDR_hostname_string(a, 1);
  if (written != NULL)
    same = (strlen(written) == text.size &&
            memcmp(written, text.data, text.size) == 0);
  OPENSSL_free(written);
  BIO_ADDR_free(a);
  return same;
}

/* is 'name' the domain itself, or below it? */
static int isin (Bytes name, Bytes domain) {
  size_t more = name.size - domain.size;
  if (name.size <= domain.size)
    return isequal(name, domain);
  return name.data[more - 1] == '.' && isequal(after(name, more), domain);
}

static int isaddressrepeated (const GENERAL_NAMES *names, Bytes common) {
  int i;
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_IPADD &&
        istextof(common, bytesof(name->d.iPAddress)))
      return 1;
  }
  return 0;
}

/*
** The domain above a host's is taken too: it claims no host that the
** certificate is not for. Where no host is named, it is a person's, say.
*/
static int ishostrepeated (const GENERAL_NAMES *names, Bytes common) {
  int i, hosts = 0;
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) {
      hosts = 1;
      if (isin(bytesof(name->d.dNSName), common))
        return 1;
    }
  }
  return !hosts;
}

static int isentryrepeated (const GENERAL_NAMES *names,
                            const X509_NAME_ENTRY *entry) {
  Bytes common;
  unsigned char *text = NULL;
  int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
  int good = 0;
  if (size >= 0) {
    common.data = text;
    common.size = (size_t)size;
    good = isaddresslike(common) ? isaddressrepeated(names, common)
                                 : ishostrepeated(names, common);
  }
  OPENSSL_free(text);
  return good;
}

int lssl_hasrepeatedcommonname (const ChainLink *link) {
  const X509_NAME *subject = X509_get_subject_name(link->cert);
  GENERAL_NAMES *names;
  int good = readnames(link->cert, &names), i = -1;
  while ((i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0)
    good = good && isentryrepeated(names, X509_NAME_get_entry(subject, i));
  GENERAL_NAMES_free(names);
  return good;
}

/* }====================================================== */


/*
** {======================================================
** Name constraints
** =======================================================
*/

/* 'nc' becomes the caller's, NULL if there are none */
static int readconstraints (X509 *cert, NAME_CONSTRAINTS **nc) {
  *nc = (NAME_CONSTRAINTS *)readextension(cert, NID_name_constraints);
  return *nc != NULL || isabsent(cert, NID_name_constraints);
}

int lssl_hasnoconstraints (const ChainLink *link) {
  return isabsent(link->cert, NID_name_constraints);
}

int lssl_hasfullconstraints (const ChainLink *link) {
  NAME_CONSTRAINTS *nc;
  int good = readconstraints(link->cert, &nc);
  if (nc != NULL)
    good = sk_GENERAL_SUBTREE_num(nc->permittedSubtrees) > 0 ||
           sk_GENERAL_SUBTREE_num(nc->excludedSubtrees) > 0;
  NAME_CONSTRAINTS_free(nc);
  return good;
}

/* hosts' names only: the other kinds are OpenSSL's to check */
static int aregoodsubtrees (const STACK_OF(GENERAL_SUBTREE) *trees) {
  int i;
  for (i = 0; i < sk_GENERAL_SUBTREE_num(trees); i++) {
    const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(trees, i)->base;
    if (base->type == GEN_DNS && ASN1_STRING_length(base->d.dNSName) > 0 &&
        !ishost(bytesof(base->d.dNSName)))
      return 0;
  }
  return 1;
}

int lssl_hasgoodconstraints (const ChainLink *link) {
  NAME_CONSTRAINTS *nc;
  int good = readconstraints(link->cert, &nc);
  if (nc != NULL)
    good = aregoodsubtrees(nc->permittedSubtrees) &&
           aregoodsubtrees(nc->excludedSubtrees);
  NAME_CONSTRAINTS_free(nc);
  return good;
}

/* does the wildcard stand for the host at the head of an excluded tree? */
static int isexcluded (Bytes wildcard, const NAME_CONSTRAINTS *nc) {
  int i;
  for (i = 0; i < sk_GENERAL_SUBTREE_num(nc->excludedSubtrees); i++) {
    const GENERAL_NAME *base =
      sk_GENERAL_SUBTREE_value(nc->excludedSubtrees, i)->base;
    if (base->type == GEN_DNS) {
      Bytes tree = bytesof(base->d.dNSName);
      if (issamehost(after(tree, find(tree, '.')), after(wildcard, 1)))
        return 1;
    }
  }
  return 0;
}

static int hasexcludedwildcard (const GENERAL_NAMES *names,
                                const NAME_CONSTRAINTS *nc) {
  int i;
  for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS && iswildcard(bytesof(name->d.dNSName)) &&
        isexcluded(bytesof(name->d.dNSName), nc))
      return 1;
  }
  return 0;
}

/* OpenSSL compares the wildcard as it is written: CVE-2025-61727 */
int lssl_hasallowedwildcards (const ChainLink *link) {
  GENERAL_NAMES *names;
  int good = readnames(link->cert, &names), i;
  for (i = link->depth + 1; good && i < sk_X509_num(link->chain); i++) {
    NAME_CONSTRAINTS *nc;
    good = readconstraints(sk_X509_value(link->chain, i), &nc) &&
           (nc == NULL || !hasexcludedwildcard(names, nc));
    NAME_CONSTRAINTS_free(nc);
  }
  GENERAL_NAMES_free(names);
  return good;
}

/* }====================================================== */
