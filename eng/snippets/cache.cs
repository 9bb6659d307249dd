using Millpond;

// The injected cache.
ICache cache = Injected.Cache;

static class Injected
{
    public static ICache Cache => throw new NotSupportedException("Snippets are compiled, not run.");
}
