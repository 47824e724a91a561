// A sensor with Wi-Fi (ESP8266, ESP32): publishes A0 with QoS 1, and a message "1" or "0" for it switches its LED.
#ifdef ESP32
#include <WiFi.h>
#else
#include <ESP8266WiFi.h>
#endif
#include <WiFiUdp.h>

const char SSID[] = "network";
const char PASSWORD[] = "password";
const char GATEWAY[] = "192.168.1.10";
const uint16_t PORT = 1884;
const char CLIENT_ID[] = "esp-1"; // another one for each sensor
const char TOPIC[] = "sensors/esp-1/a0";
const char COMMANDS[] = "cmd/esp-1/led";

const unsigned long PERIOD = 10000, T_RETRY = 10000; // milliseconds
const int N_RETRY = 3;
enum { CONNECT = 0x04, CONNACK, REGISTER = 0x0a, REGACK, PUBLISH, PUBACK, SUBSCRIBE = 0x12, SUBACK, DISCONNECT = 0x18 };

WiFiUDP udp;
uint8_t in[128];
bool isConnected = false;
uint8_t topicId[2];
uint16_t msgId = 0;

// One frame, if one has come: a datagram has one message, whose first octet is its length.
bool receive() {
  int size = udp.parsePacket();
  if (size <= 0) return false;
  int got = udp.read(in, sizeof in);
  return got == size && got >= 2 && in[0] == got;
}

void send(const uint8_t *frame) {
  udp.beginPacket(GATEWAY, PORT);
  udp.write(frame, frame[0]);
  udp.endPacket();
}

// What the gateway says by itself.
void take() {
  if (in[1] == DISCONNECT) isConnected = false; // it does not know us, or stops: connect again
  if (in[1] == PUBLISH && in[0] > 7) {
    digitalWrite(LED_BUILTIN, in[7] == '1' ? HIGH : LOW);
    const uint8_t puback[] = {7, PUBACK, in[3], in[4], in[5], in[6], 0};
    if (in[2] & 0x20) send(puback); // QoS 1
  }
}

// Sends a frame until its answer is there. The answer is in `in`.
bool exchange(uint8_t *frame, int answer) {
  for (int tries = 0; tries <= N_RETRY; tries++) {
    send(frame);
    for (unsigned long since = millis(); millis() - since < T_RETRY; delay(1)) {
      if (!receive()) continue;
      if (in[1] == answer) return true;
      take();
      if (in[1] == DISCONNECT) return false;
    }
    if (frame[1] == PUBLISH || frame[1] == SUBSCRIBE) frame[2] |= 0x80; // DUP
  }
  return isConnected = false;
}

// A frame of these octets and a text behind them, with its length in front.
uint8_t *framed(uint8_t *frame, int head, const char *text) {
  memcpy(frame + head, text, strlen(text));
  frame[0] = head + strlen(text);
  return frame;
}

bool connectToGateway() {
  uint8_t connect[64] = {0, CONNECT, 0x04, 0x01, 0, 60}; // CleanSession, ProtocolId 1, keep-alive 60 s
  if (!exchange(framed(connect, 6, CLIENT_ID), CONNACK) || in[2] != 0) return false;
  uint8_t subscribe[64] = {0, SUBSCRIBE, 0x20, 0, 1}; // QoS 1, MsgId 1
  if (!exchange(framed(subscribe, 5, COMMANDS), SUBACK) || in[7] != 0) return false;
  uint8_t reg[64] = {0, REGISTER, 0, 0, 0, 2}; // MsgId 2
  if (!exchange(framed(reg, 6, TOPIC), REGACK) || in[6] != 0) return false;
  memcpy(topicId, in + 2, 2);
  return true;
}

void publish(const char *text) {
  if (++msgId < 3) msgId = 3;
  uint8_t frame[64] = {0, PUBLISH, 0x20, topicId[0], topicId[1], uint8_t(msgId >> 8), uint8_t(msgId)}; // QoS 1
  if (exchange(framed(frame, 7, text), PUBACK) && in[6] == 2) isConnected = false; // invalid topic id: register again
}

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  WiFi.begin(SSID, PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(100);
  udp.begin(1884);
}

void loop() {
  if (!isConnected && !(isConnected = connectToGateway())) {
    delay(5000);
    return;
  }
  char text[8];
  itoa(analogRead(A0), text, 10);
  publish(text);
  for (unsigned long since = millis(); isConnected && millis() - since < PERIOD; delay(1)) {
    if (receive()) take();
  }
}
