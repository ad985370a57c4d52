/*
** reasons.h - mnemonics of OpenSSL's errors, such as "SSL" and
** "CERTIFICATE_VERIFY_FAILED". Both give NULL for what has none.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_reasons_h
#define lssl_base_reasons_h

const char *lssl_libraryname (int library);
const char *lssl_reasonname (int library, int reason);

#endif
