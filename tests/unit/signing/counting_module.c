/* A PKCS #11 module for tests: SoftHSM behind it, every C_Login counted, and flags of the token as we say. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long ulong;
struct list { unsigned char version[2]; void *calls[70]; };
enum { GET_FUNCTION_LIST = 3, GET_TOKEN_INFO = 6, LOGIN = 18, FLAGS_AT = 96 };

static struct list *real, mine;

static ulong get_token_info(ulong slot, unsigned char *info) {
    ulong answer = ((ulong (*)(ulong, unsigned char *))real->calls[GET_TOKEN_INFO])(slot, info);
    const char *flags = getenv("COUNTING_FLAGS");
    if (answer == 0 && flags) *(ulong *)(info + FLAGS_AT) |= strtoul(flags, NULL, 0);
    return answer;
}

static ulong login(ulong session, ulong user, unsigned char *pin, ulong length) {
    FILE *file = fopen(getenv("COUNTING_FILE"), "a");
    fputs("login\n", file);
    fclose(file);
    return ((ulong (*)(ulong, ulong, unsigned char *, ulong))real->calls[LOGIN])(session, user, pin, length);
}

ulong C_GetFunctionList(struct list **out) {
    if (!real) {
        void *module = dlopen(getenv("COUNTING_MODULE"), RTLD_NOW);
        ulong (*get)(struct list **) = (ulong (*)(struct list **))dlsym(module, "C_GetFunctionList");
        ulong answer = get(&real);
        if (answer) return answer;
        /* Version 2.40 has 68 calls; what lies behind them is not read. */
        for (int at = 0; at < 68; at++) mine.calls[at] = real->calls[at];
        mine.version[0] = real->version[0];
        mine.version[1] = real->version[1];
        mine.calls[GET_FUNCTION_LIST] = (void *)C_GetFunctionList;
        mine.calls[GET_TOKEN_INFO] = (void *)get_token_info;
        mine.calls[LOGIN] = (void *)login;
    }
    *out = &mine;
    return 0;
}
