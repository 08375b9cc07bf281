/* Two processes over the named pipe, through the DLL as a terminal loads it: who may open the pipe, what a slave makes of
 * a master that is killed and comes back, of one with another secret, and a DLL that is unloaded while it has threads.
 *
 *     pipe DLL FOLDER
 *     pipe master DLL FOLDER         the other process, started by the first
 *     pipe hold DLL MADE AWAITED     has the DLL loaded, makes one file, waits for the other
 */
#include "terminal.h"

#include <aclapi.h>
#include <sddl.h>
#include <windows.h>

#ifndef LOADED
#error "compile with -DLOADED"
#endif

#define PATIENCE_MS 20000

static const char *own_path, *dll, *folder;

static const char *below(const char *name)
{
    static char path[4][MAX_PATH];
    static int next;
    char *into = path[next++ % 4];
    snprintf(into, MAX_PATH, "%s/%s", folder, name);
    return into;
}

static int is_there(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static void make(const char *path)
{
    FILE *file = fopen(path, "wb");
    EXPECT(file != NULL && fclose(file) == 0, "%s cannot be written", path);
}

static void until_there(const char *path)
{
    long until = now_ms() + PATIENCE_MS;
    while (!is_there(path)) {
        EXPECT(now_ms() < until, "%s did not come", path);
        Sleep(10);
    }
}

/* The master's process. */
static void be_master(void)
{
    Terminal terminal;
    uint64_t handle = open_master(config_text(folder));
    memset(&terminal, 0, sizeof terminal);
    terminal.login = MASTER_LOGIN;
    hand_over(handle, &terminal);
    ANSWERS(LB_OK, lb.master_commit(handle));
    make(below("master-is-there"));
    Sleep(INFINITE);
}

static PROCESS_INFORMATION start_master(void)
{
    STARTUPINFOA how;
    PROCESS_INFORMATION process;
    char line[4 * MAX_PATH];
    memset(&how, 0, sizeof how);
    how.cb = sizeof how;
    DeleteFileA(below("master-is-there"));
    snprintf(line, sizeof line, "\"%s\" master \"%s\" \"%s\"", own_path, dll, folder);
    EXPECT(CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &process), "no process for the master: %s",
           trouble());
    until_there(below("master-is-there"));
    return process;
}

/* The hard way, as a terminal dies that is ended in the task manager. */
static void kill_master(PROCESS_INFORMATION process)
{
    EXPECT(TerminateProcess(process.hProcess, 7), "the master cannot be killed: %s", trouble());
    EXPECT(WaitForSingleObject(process.hProcess, PATIENCE_MS) == WAIT_OBJECT_0, "the master does not die");
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
}

/* Hands over a state of this account and waits until its session is open, or is not; the status then. */
static LbSlaveStatus until_connected_as(uint64_t login, uint64_t slave, uint32_t connected, const char *words)
{
    LbSlaveStatus status;
    Terminal terminal;
    LbOrder order;
    uint64_t number;
    long until = now_ms() + PATIENCE_MS;
    memset(&terminal, 0, sizeof terminal);
    terminal.login = login;
    do {
        int32_t answer;
        hand_over(slave, &terminal);
        ANSWERS(LB_OK, lb.slave_commit(slave, &number));
        answer = lb.slave_wait(slave, 20, &order);
        EXPECT(answer == LB_EMPTY || answer == LB_STATE_WANTED, "no order is due, lb_slave_wait answered %d", (int)answer);
        ANSWERS(LB_OK, lb.slave_status(slave, &status));
        EXPECT(now_ms() < until, "connected is %u, and \"%s\"; %u and \"%s\" were due", (unsigned)status.connected,
               (char *)status.trouble, (unsigned)connected, words);
    } while (status.connected != connected || strstr((char *)status.trouble, words) == NULL);
    return status;
}

static LbSlaveStatus until_connected(uint64_t slave, uint32_t connected, const char *words)
{
    return until_connected_as(SLAVE_LOGIN, slave, connected, words);
}

/* The user that this process runs as. */
static PSID user(void)
{
    static uint64_t buffer[32];
    HANDLE token;
    DWORD length;
    EXPECT(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token), "no token: %s", trouble());
    EXPECT(GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &length), "no user: %s", trouble());
    CloseHandle(token);
    return ((TOKEN_USER *)buffer)->User.Sid;
}

/* The pipe's owner and access list, asked from the system: the current user, and nobody else. */
static void access_list(const char *pipe)
{
    HANDLE handle = CreateFileA(pipe, GENERIC_READ | GENERIC_WRITE | READ_CONTROL, 0, NULL, OPEN_EXISTING, 0, NULL);
    PSECURITY_DESCRIPTOR descriptor;
    SECURITY_DESCRIPTOR_CONTROL control;
    ACCESS_ALLOWED_ACE *entry;
    PSID owner;
    PACL list;
    char *shown;
    DWORD revision;
    EXPECT(handle != INVALID_HANDLE_VALUE, "%s cannot be opened: %s", pipe, trouble());
    EXPECT(GetSecurityInfo(handle, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, NULL,
                           &list, NULL, &descriptor) == ERROR_SUCCESS,
           "no security information");
    EXPECT(ConvertSecurityDescriptorToStringSecurityDescriptorA(descriptor, SDDL_REVISION_1,
                                                                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                                                &shown, NULL),
           "the access list has no text: %s", trouble());
    printf("the pipe %s\n  has the access list %s\n", pipe, shown);
    EXPECT(owner != NULL && EqualSid(owner, user()), "the pipe belongs to somebody else: %s", shown);
    EXPECT(list != NULL, "no access list: everybody may open it");
    EXPECT(list->AceCount == 1, "%d entries in %s, one was due", list->AceCount, shown);
    EXPECT(GetAce(list, 0, (void **)&entry), "no entry: %s", trouble());
    EXPECT(entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE, "the entry does not allow: %s", shown);
    EXPECT(EqualSid((PSID)&entry->SidStart, user()), "it lets somebody else in: %s", shown);
    EXPECT(GetSecurityDescriptorControl(descriptor, &control, &revision), "no control: %s", trouble());
    EXPECT(control & SE_DACL_PROTECTED, "it may inherit more: %s", shown);
    LocalFree(shown);
    LocalFree(descriptor);
    CloseHandle(handle);
}

/* The same configuration with another secret, and with another slave: in one process an account is served once. */
static uint64_t stranger(void)
{
    static char text[4096];
    uint64_t handle = 0;
    char *at;
    snprintf(text, sizeof text, "%s", config_text(folder));
    at = strstr(text, "between these two");
    EXPECT(at != NULL, "the configuration has another secret already");
    memcpy(at, "between those two", strlen("between those two"));
    at = strstr(text, "\"login\": 2001");
    EXPECT(at != NULL, "the configuration has another slave already");
    memcpy(at, "\"login\": 2002", strlen("\"login\": 2002"));
    ANSWERS(LB_OK, lb.slave_open((const uint8_t *)text, (uint32_t)strlen(text), SLAVE_LOGIN + 1, &handle));
    return handle;
}

/* An expert advisor that is ended without closing, and a terminal that unloads the DLL: its threads find their code. */
static void unloaded(void *library)
{
    char name[MAX_PATH];
    open_master(config_text(folder));
    EXPECT(GetModuleFileNameA((HMODULE)library, name, MAX_PATH) > 0, "%s", trouble());
    EXPECT(FreeLibrary((HMODULE)library), "it cannot be unloaded: %s", trouble());
    Sleep(500);
    EXPECT(GetModuleHandleA(name) == (HMODULE)library, "the DLL is gone, and its threads run");
    puts("ok: unloaded with a master open, the library stays for its threads");
}

static int hold(const char *made, const char *awaited)
{
    open_library(dll);
    make(made);
    until_there(awaited);
    return 0;
}

int main(int count, char **arguments)
{
    PROCESS_INFORMATION master;
    LbSlaveStatus status;
    uint64_t slave, other, none = 0;
    const char *config;
    char pipe[256];
    void *library;
    own_path = arguments[0];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (count == 5 && strcmp(arguments[1], "hold") == 0) {
        dll = arguments[2];
        return hold(arguments[3], arguments[4]);
    }
    EXPECT(count >= 3, "usage: pipe DLL FOLDER");
    dll = arguments[count - 2];
    folder = arguments[count - 1];
    library = open_library(dll);
    if (strcmp(arguments[1], "master") == 0)
        be_master();

    config = config_text(folder);
    slave = open_slave(config);
    status = until_connected(slave, 0, "nobody listens at ");
    snprintf(pipe, sizeof pipe, "%s", strstr((char *)status.trouble, "\\\\.\\pipe\\"));
    puts("ok: without a master, the slave says where it looks for one");

    master = start_master();
    until_connected(slave, 1, "");
    puts("ok: a session between two processes");
    access_list(pipe);
    puts("ok: the pipe lets the current user in and nobody else");
    REFUSES(LB_ENDPOINT, "another master", lb.master_open((const uint8_t *)config, (uint32_t)strlen(config), &none));
    puts("ok: a second master of the same account is refused");

    other = stranger();
    until_connected_as(SLAVE_LOGIN + 1, other, 0, "does not know the secret");
    ANSWERS(LB_OK, lb.close(other));
    until_connected(slave, 1, "");
    puts("ok: a slave with another secret gets no session, and disturbs no other");

    kill_master(master);
    until_connected(slave, 0, " ");
    puts("ok: a master that is killed is missed");
    master = start_master();
    until_connected(slave, 1, "");
    puts("ok: the slave is back as soon as its master is");
    kill_master(master);
    ANSWERS(LB_OK, lb.close(slave));
    unloaded(library);
    return 0;
}
