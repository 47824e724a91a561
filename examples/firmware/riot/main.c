/* A sensor with RIOT and emcute: publishes a number with QoS 1 and prints what comes for it. */
#include <stdio.h>
#include <string.h>

#include "net/emcute.h"
#include "net/ipv6/addr.h"
#include "thread.h"
#include "ztimer.h"

#define GATEWAY "fd00::10" /* where "host" of the gateway's UDP transport is "::" */
#define OWN_PORT 1885

static char stack[THREAD_STACKSIZE_DEFAULT];

/* emcute wants a thread of its own: it receives, and keeps the connection alive. */
static void *receiver(void *arg)
{
    (void)arg;
    emcute_run(OWN_PORT, "riot-1"); /* never returns */
    return NULL;
}

static void on_message(const emcute_topic_t *topic, void *data, size_t length)
{
    printf("%s: %.*s\n", topic->name, (int)length, (char *)data);
}

static int connect_to_gateway(emcute_sub_t *commands, emcute_topic_t *topic)
{
    sock_udp_ep_t gateway = { .family = AF_INET6, .port = 1884 };

    if (ipv6_addr_from_str((ipv6_addr_t *)&gateway.addr.ipv6, GATEWAY) == NULL) {
        return -1;
    }
    emcute_discon(); /* does no harm where there is no connection */
    int result = emcute_con(&gateway, true, NULL, NULL, 0, 0); /* clean session, no will */
    if (result == EMCUTE_OK) {
        result = emcute_sub(commands, EMCUTE_QOS_1);
    }
    return result == EMCUTE_OK ? emcute_reg(topic) : result; /* topic ids are the session's: after each connect */
}

int main(void)
{
    static emcute_sub_t commands = { .topic = { .name = "cmd/riot-1" }, .cb = on_message };
    emcute_topic_t topic = { .name = "sensors/riot-1/count" };
    bool is_connected = false;

    thread_create(stack, sizeof(stack), THREAD_PRIORITY_MAIN - 1, 0, receiver, NULL, "emcute");
    for (unsigned count = 0;; ztimer_sleep(ZTIMER_SEC, 10)) {
        if (!is_connected) {
            is_connected = connect_to_gateway(&commands, &topic) == EMCUTE_OK;
        }
        if (is_connected) {
            char text[12];
            int length = snprintf(text, sizeof(text), "%u", count++);
            is_connected = emcute_pub(&topic, text, length, EMCUTE_QOS_1) == EMCUTE_OK;
        }
    }
}
