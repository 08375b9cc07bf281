/* Plays MetaEditor: reads the options as MetaEditor does, writes an .ex5, and a log in UTF-16. With a file `fails` beside
 * it, it finds an error. Ends with 1 after a success, too, as the real one does. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

/* The value of `/name:"value"`, with the quotation marks that the documentation wants. */
static int option(const wchar_t *line, const wchar_t *name, wchar_t *value)
{
    const wchar_t *at = wcsstr(line, name);
    size_t count = 0;
    if (at == NULL)
        return 0;
    for (at += wcslen(name); *at != L'\0' && *at != L'"' && count < MAX_PATH - 1; at++)
        value[count++] = *at;
    value[count] = L'\0';
    return *at == L'"';
}

static void write_file(const wchar_t *path, const void *content, size_t bytes)
{
    FILE *file = _wfopen(path, L"wb");
    if (file == NULL || fwrite(content, 1, bytes, file) != bytes || fclose(file) != 0)
        ExitProcess(3);
}

int wmain(int count, wchar_t **arguments)
{
    wchar_t source[MAX_PATH], log[MAX_PATH], include[MAX_PATH], own[MAX_PATH], text[1024];
    const wchar_t *line = GetCommandLineW();
    int fails;
    (void)count;
    (void)arguments;
    if (!option(line, L"/compile:\"", source) || !option(line, L"/log:\"", log) ||
        !option(line, L"/include:\"", include))
        return 2;
    GetModuleFileNameW(NULL, own, MAX_PATH);
    wcscpy(wcsrchr(own, L'\\'), L"\\fails");
    fails = GetFileAttributesW(own) != INVALID_FILE_ATTRIBUTES;
    if (fails)
        swprintf(text, 1024, L"\xfeff%ls(3,1) : error 256: undeclared identifier\r\nResult: 1 errors, 0 warnings\r\n", source);
    else
        swprintf(text, 1024, L"\xfeff%ls : information: compiling\r\nResult: 0 errors, 0 warnings, 9 ms elapsed\r\n", source);
    write_file(log, text, wcslen(text) * sizeof *text);
    wcscpy(wcsrchr(source, L'.'), L".ex5");
    if (!fails)
        write_file(source, "compiled", 8);
    return 1;
}
