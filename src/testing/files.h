/*
** files.h - the files and folders that tests write keys to.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_files_h
#define lssl_testing_files_h

#include "base/common.h"

/* Adds its functions to the table on the top. */
void lssl_openissuerfiles (lua_State *L);

#endif
