#pragma once

enum { WL_CONNECTED = 3 };

// A network that is always there.
struct Network {
  void begin(const char *, const char *) {}
  int status() { return WL_CONNECTED; }
};
static Network WiFi;
