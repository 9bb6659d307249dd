namespace Millpond.Tests.Rig;

/// <summary>What an error must have: its code, and in its message the value, the rule it met and what to do.</summary>
internal static class Expect
{
    public static async Task<MillpondException> Error(ErrorCode code, Func<ValueTask> call, params string[] said)
    {
        var error = await Assert.ThrowsAnyAsync<MillpondException>(() => call().AsTask());
        Judge(error, code, said);
        return error;
    }

    public static Task<MillpondException> Error<T>(ErrorCode code, Func<ValueTask<T>> call, params string[] said) =>
        Error(code, async () => { _ = await call(); }, said);

    public static MillpondException Error(ErrorCode code, Action call, params string[] said)
    {
        var error = Assert.ThrowsAny<MillpondException>(call);
        Judge(error, code, said);
        return error;
    }

    private static void Judge(MillpondException error, ErrorCode code, string[] said)
    {
        Assert.Equal(code, error.Code);
        Assert.StartsWith($"MP{(int)code}: ", error.Message, StringComparison.Ordinal);
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
