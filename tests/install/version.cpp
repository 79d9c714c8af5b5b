// A project outside of libemb, in C++: says which Python it found.
#include <emb.hpp>

#include <cstdio>

int main() {
  try {
    emb::init();
    std::string version = emb::import("platform").call("python_version").str();
    std::printf("Python %s\n", version.c_str());
    emb::shutdown();
    return 0;
  } catch (const emb::error &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
