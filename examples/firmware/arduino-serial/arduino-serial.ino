// A sensor on a serial line (any Arduino): publishes A0 with QoS 1, and a message "1" or "0" for it switches its LED.
// The serial line, USB or pins 0 and 1, has MQTT-SN frames and nothing else: no println. In the gateway: type: serial, baudRate: 115200.
const char CLIENT_ID[] = "uno-1"; // another one for each sensor
const char TOPIC[] = "sensors/uno-1/a0";
const char COMMANDS[] = "cmd/uno-1/led";

const unsigned long PERIOD = 10000, T_RETRY = 10000; // milliseconds
const int N_RETRY = 3;
enum { CONNECT = 0x04, CONNACK, REGISTER = 0x0a, REGACK, PUBLISH, PUBACK, SUBSCRIBE = 0x12, SUBACK, DISCONNECT = 0x18 };

uint8_t in[128];
bool isConnected = false;
uint8_t topicId[2];
uint16_t msgId = 0;

// One frame, if one begins. Its first octet is its length; what is no frame goes until the line is silent.
bool receive() {
  if (Serial.available() == 0) return false;
  in[0] = Serial.read();
  if (in[0] >= 2 && in[0] <= sizeof in && Serial.readBytes((char *)in + 1, in[0] - 1) == size_t(in[0] - 1)) return true;
  while (Serial.readBytes((char *)in, 1) == 1) continue;
  return false;
}

void send(const uint8_t *frame) { Serial.write(frame, frame[0]); }

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
  Serial.begin(115200);
  Serial.setTimeout(100); // milliseconds of silence end a frame that is not whole
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
