// As much of Arduino's interface as the sketches of examples/firmware use, for this machine: a test compiles and runs them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

enum { LOW, HIGH, OUTPUT, A0 = 14, LED_BUILTIN = 13 };

unsigned long millis();
void delay(unsigned long milliseconds);
int analogRead(int pin);
void pinMode(int pin, int mode);
void digitalWrite(int pin, int value);
char *itoa(int value, char *text, int base);

// The line at the device that the environment variable SERIAL_LINE names.
class SerialLine {
  int device = -1;
  unsigned long timeout = 1000;

 public:
  void begin(unsigned long baud);
  void setTimeout(unsigned long milliseconds) { timeout = milliseconds; }
  int available();
  int read();
  size_t readBytes(char *buffer, size_t length);
  size_t write(const uint8_t *octets, size_t count);
};
extern SerialLine Serial;
