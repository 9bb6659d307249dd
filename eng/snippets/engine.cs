using Millpond.Testing.Conformance;

static class EngineFixture
{
    public static Task<ISharedTierFixture> StartAsync() => throw new NotSupportedException("Snippets are compiled, not run.");
}
