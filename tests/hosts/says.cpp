/* What an extension module in C++ may do, and the like of numpy do not: it asks Python while it is
 * being loaded, in a static initialiser, and writes to std::cout, which the program may have copied. */
#include <iostream>
#include <string>

extern "C" const char *Py_GetVersion(void);

static const std::string version = Py_GetVersion();

extern "C" void say(void) { std::cout << "C++ in Python " << version.substr(0, 4) << " says so" << std::endl; }
