/*
** issuer_files.h - the files and folders that tests write keys to.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_issuer_files_h
#define lssl_issuer_files_h

#include "common.h"

/* Adds its functions to the table on the top. */
void lssl_openissuerfiles (lua_State *L);

#endif
