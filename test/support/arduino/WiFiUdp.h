#pragma once
#include "Arduino.h"

// Whatever address a sketch names, datagrams go to this machine, to the port that the environment variable GATEWAY_PORT names.
class WiFiUDP {
  int socket = -1;
  uint8_t out[256];
  size_t length = 0;

 public:
  bool begin(uint16_t port);
  int beginPacket(const char *host, uint16_t port);
  size_t write(const uint8_t *octets, size_t count);
  int endPacket();
  int parsePacket();
  int read(uint8_t *buffer, size_t length);
};
