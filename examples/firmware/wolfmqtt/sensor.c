/*
 * A sensor with wolfMQTT (./configure --enable-sn --disable-tls) over sockets of POSIX: publishes once with QoS 1, and prints what comes for it.
 * The five functions of MqttNet are all that a microcontroller has to bring: in place of the sockets use those of your network stack.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wolfmqtt/mqtt_client.h>
#include <wolfmqtt/mqtt_sn_client.h>

static int open_socket(void *context, const char *host, word16 port, int timeout_ms)
{
	struct sockaddr_in gateway = {.sin_family = AF_INET, .sin_port = htons(port)};

	(void)timeout_ms;
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	*(int *)context = udp;
	if (inet_pton(AF_INET, host, &gateway.sin_addr) != 1 || connect(udp, (struct sockaddr *)&gateway, sizeof(gateway)) != 0)
		return MQTT_CODE_ERROR_NETWORK;
	return MQTT_CODE_SUCCESS;
}

static int write_frame(void *context, const byte *frame, int length, int timeout_ms)
{
	(void)timeout_ms;
	int sent = (int)send(*(int *)context, frame, length, 0);
	return sent == length ? sent : MQTT_CODE_ERROR_NETWORK;
}

static int receive(void *context, byte *buffer, int length, int timeout_ms, int flags)
{
	struct pollfd udp = {.fd = *(int *)context, .events = POLLIN};

	if (poll(&udp, 1, timeout_ms) == 0)
		return MQTT_CODE_ERROR_TIMEOUT;
	int got = (int)recv(udp.fd, buffer, length, flags);
	return got > 0 ? got : MQTT_CODE_ERROR_NETWORK;
}

static int read_frame(void *context, byte *buffer, int length, int timeout_ms)
{
	return receive(context, buffer, length, timeout_ms, 0);
}

/* wolfMQTT looks at the head of a frame before it takes the frame. */
static int peek_frame(void *context, byte *buffer, int length, int timeout_ms)
{
	return receive(context, buffer, length, timeout_ms, MSG_PEEK);
}

static int close_socket(void *context)
{
	return close(*(int *)context);
}

static int on_message(MqttClient *client, MqttMessage *message, byte is_new, byte is_done)
{
	(void)client, (void)is_new, (void)is_done;
	printf("%.*s\n", (int)message->buffer_len, (char *)message->buffer);
	return MQTT_CODE_SUCCESS;
}

int main(void)
{
	static byte tx[256], rx[256];
	static MqttClient client;
	int udp = -1;
	MqttNet net = {.context = &udp, .connect = open_socket, .read = read_frame, .write = write_frame};

	net.peek = peek_frame;
	net.disconnect = close_socket;
	MqttClient_Init(&client, &net, on_message, tx, sizeof(tx), rx, sizeof(rx), 10000);
	if (MqttClient_NetConnect(&client, "192.168.1.10", 1884, 5000, 0, NULL) != MQTT_CODE_SUCCESS)
		return 1;

	SN_Connect hello = {.client_id = "wolf-1", .clean_session = 1, .keep_alive_sec = 60, .protocol_level = SN_PROTOCOL_ID};
	if (SN_Client_Connect(&client, &hello) != MQTT_CODE_SUCCESS)
		return puts("not connected"), 1;

	SN_Subscribe commands = {.topicNameId = "cmd/wolf-1", .topic_type = SN_TOPIC_ID_TYPE_NORMAL, .qos = MQTT_QOS_1, .packet_id = 1};
	if (SN_Client_Subscribe(&client, &commands) != MQTT_CODE_SUCCESS || commands.subAck.return_code != SN_RC_ACCEPTED)
		return puts("not subscribed"), 1;

	SN_Register topic = {.topicName = "sensors/wolf-1/temperature", .packet_id = 2};
	if (SN_Client_Register(&client, &topic) != MQTT_CODE_SUCCESS || topic.regack.return_code != SN_RC_ACCEPTED)
		return puts("no topic id"), 1;

	SN_Publish message = {.qos = MQTT_QOS_1, .packet_id = 3, .topic_type = SN_TOPIC_ID_TYPE_NORMAL};
	message.topic_name = (char *)&topic.regack.topicId; /* an id, where one would expect a name */
	message.buffer = (byte *)"21.5";
	message.total_len = 4;
	if (SN_Client_Publish(&client, &message) != MQTT_CODE_SUCCESS)
		return puts("not published"), 1;
	puts("published");

	for (int result = MQTT_CODE_SUCCESS; result == MQTT_CODE_SUCCESS;) {
		result = SN_Client_WaitMessage(&client, 30000);
		if (result == MQTT_CODE_ERROR_TIMEOUT)
			result = SN_Client_Ping(&client, NULL); /* within the keep-alive */
	}
	SN_Client_Disconnect(&client);
	MqttClient_NetDisconnect(&client);
	return 1;
}
