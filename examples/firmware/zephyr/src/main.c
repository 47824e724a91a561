/* A sensor with Zephyr: publishes its uptime with QoS 1 and prints what comes for it. Written for Zephyr 4.0 and before. */
#include <stdio.h>
#include <zephyr/kernel.h>
#include <zephyr/net/mqtt_sn.h>
#include <zephyr/net/socket.h>

static struct mqtt_sn_client client;
static struct mqtt_sn_transport_udp udp;
static uint8_t tx[256], rx[256];
static bool is_connected, is_subscribed;

static void on_event(struct mqtt_sn_client *which, const struct mqtt_sn_evt *event)
{
	if (event->type == MQTT_SN_EVT_CONNECTED) {
		is_connected = true;
	} else if (event->type == MQTT_SN_EVT_DISCONNECTED) {
		is_connected = is_subscribed = false; /* the loop connects again */
	} else if (event->type == MQTT_SN_EVT_PUBLISH) {
		const struct mqtt_sn_data *data = &event->param.publish.data;

		printk("topic id %u: %.*s\n", event->param.publish.topic_id, (int)data->size, data->data);
	}
}

int main(void)
{
	struct mqtt_sn_data id = MQTT_SN_DATA_STRING_LITERAL("zephyr-1");
	struct mqtt_sn_data topic = MQTT_SN_DATA_STRING_LITERAL("sensors/zephyr-1/uptime");
	struct mqtt_sn_data commands = MQTT_SN_DATA_STRING_LITERAL("cmd/zephyr-1");
	struct sockaddr_in gateway = {.sin_family = AF_INET, .sin_port = htons(1884)};
	int64_t next_connect = 0, next_publish = 0;

	zsock_inet_pton(AF_INET, "192.168.1.10", &gateway.sin_addr);
	if (mqtt_sn_transport_udp_init(&udp, (struct sockaddr *)&gateway, sizeof(gateway)) != 0 ||
	    mqtt_sn_client_init(&client, &id, &udp.tp, on_event, tx, sizeof(tx), rx, sizeof(rx)) != 0) {
		printk("no client\n");
		return 1;
	}
	for (;; k_sleep(K_MSEC(100))) {
		mqtt_sn_input(&client); /* takes what has come; answers and events are in there */
		int64_t now = k_uptime_get();

		if (!is_connected && now >= next_connect) {
			mqtt_sn_connect(&client, false, true); /* no will, clean session */
			next_connect = now + 15000;
		} else if (is_connected && !is_subscribed) {
			is_subscribed = mqtt_sn_subscribe(&client, MQTT_SN_QOS_1, &commands) == 0;
		} else if (is_connected && now >= next_publish) {
			char text[24];
			struct mqtt_sn_data data = {.data = (uint8_t *)text};

			data.size = snprintf(text, sizeof(text), "%lld", (long long)now / 1000);
			mqtt_sn_publish(&client, MQTT_SN_QOS_1, &topic, false, &data); /* registers the topic itself */
			next_publish = now + 10000;
		}
	}
}
