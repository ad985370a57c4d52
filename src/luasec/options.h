/*
** options.h - the names that LuaSec has for OpenSSL's options.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_options_h
#define lssl_luasec_options_h

#include "base/constants.h"

/* ends with {NULL, 0} */
extern const Constant lssl_luasecoptions[];

#endif
