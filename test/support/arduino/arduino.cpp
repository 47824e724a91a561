// The sketches' machine: see Arduino.h.
#include "Arduino.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "WiFiUdp.h"

void setup();
void loop();

SerialLine Serial;

unsigned long millis() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000UL + now.tv_nsec / 1000000;
}

void delay(unsigned long milliseconds) { usleep(milliseconds * 1000); }
int analogRead(int) { return 512; }
void pinMode(int, int) {}

void digitalWrite(int, int value) {
  printf("LED %d\n", value);
  fflush(stdout);
}

char *itoa(int value, char *text, int) {
  sprintf(text, "%d", value);
  return text;
}

void SerialLine::begin(unsigned long) {
  device = open(getenv("SERIAL_LINE"), O_RDWR | O_NOCTTY);
  termios settings;
  if (device < 0 || tcgetattr(device, &settings) != 0) {
    perror("SERIAL_LINE");
    exit(1);
  }
  cfmakeraw(&settings);
  tcsetattr(device, TCSANOW, &settings);
}

int SerialLine::available() {
  int count = 0;
  ioctl(device, FIONREAD, &count);
  return count;
}

int SerialLine::read() {
  uint8_t octet;
  return ::read(device, &octet, 1) == 1 ? octet : -1;
}

size_t SerialLine::readBytes(char *buffer, size_t length) {
  size_t got = 0;
  pollfd line = {device, POLLIN, 0};
  while (got < length && poll(&line, 1, timeout) == 1) {
    ssize_t more = ::read(device, buffer + got, length - got);
    if (more <= 0) break;
    got += more;
  }
  return got;
}

size_t SerialLine::write(const uint8_t *octets, size_t count) { return ::write(device, octets, count); }

bool WiFiUDP::begin(uint16_t) {
  socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in gateway = {};
  gateway.sin_family = AF_INET;
  gateway.sin_port = htons(atoi(getenv("GATEWAY_PORT")));
  gateway.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(socket, reinterpret_cast<sockaddr *>(&gateway), sizeof gateway) == 0;
}

int WiFiUDP::beginPacket(const char *, uint16_t) {
  length = 0;
  return 1;
}

size_t WiFiUDP::write(const uint8_t *octets, size_t count) {
  memcpy(out + length, octets, count);
  length += count;
  return count;
}

int WiFiUDP::endPacket() { return ::send(socket, out, length, 0) == ssize_t(length); }

int WiFiUDP::parsePacket() {
  ssize_t size = recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  return size > 0 ? size : 0;
}

int WiFiUDP::read(uint8_t *buffer, size_t size) { return recv(socket, buffer, size, MSG_DONTWAIT); }

int main() {
  setup();
  for (;;) loop();
}
