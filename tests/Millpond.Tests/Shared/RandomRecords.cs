using Millpond.Shared;
using Xunit;

namespace Millpond.Tests.Shared;

/// <summary>Draws records that may occur, with the ends of every range among them.</summary>
internal static class RandomRecords
{
    public static RecordImage Draw(Random random)
    {
        bool isLeased = random.Next(2) == 0;
        SharedRecord? value = random.Next(8) == 0 ? null : DrawValue(random);
        return new RecordImage(
            isLeased ? Nonce(random) : default,
            isLeased && random.Next(2) == 0 ? LeasePurpose.Write : LeasePurpose.Load,
            isLeased ? new Incarnation((ulong)random.NextInt64(), 1) : default,
            value,
            value is not null && random.Next(3) == 0 ? AfterInvalidation.Stale : AfterInvalidation.Gone);
    }

    public static RecordImage WithScopes(IReadOnlyList<string> scopes) => new(default, default, default, new SharedRecord
    {
        Kind = RecordKind.Value,
        TimeToLive = TimeSpan.FromSeconds(1),
        HardTimeToLive = TimeSpan.FromSeconds(2),
        Stamp = 0,
        Incarnation = default,
        Scopes = scopes,
    });

    private static SharedRecord DrawValue(Random random)
    {
        bool isNegative = random.Next(5) == 0;
        byte[] payload = new byte[isNegative ? 0 : random.Next(300)];
        random.NextBytes(payload);
        return new SharedRecord
        {
            Kind = isNegative ? RecordKind.Negative : RecordKind.Value,
            Payload = payload,
            Codec = random.Next(4) == 0 ? uint.MaxValue : (uint)random.Next(200),
            AgeAtFill = Time(random),
            TimeToLive = Time(random),
            HardTimeToLive = Time(random),
            Sliding = Time(random),
            LoadTime = Time(random),
            Stamp = random.Next(4) == 0 ? long.MaxValue : random.NextInt64(),
            Incarnation = new Incarnation(1, (ulong)random.NextInt64()),
            Scopes = [.. Enumerable.Range(0, random.Next(4)).Select(i => Text(random))],
            SourceVersion = random.Next(2) == 0 ? null : Text(random),
            FilledUnder = Nonce(random),
        };
    }

    private static Nonce Nonce(Random random) => new((ulong)random.NextInt64() | 1, (ulong)random.NextInt64());

    private static TimeSpan Time(Random random) => random.Next(6) switch
    {
        0 => TimeSpan.Zero,
        1 => TimeSpan.MaxValue,
        _ => new TimeSpan(random.NextInt64(1L << random.Next(1, 60))),
    };

    private static string Text(Random random) => random.Next(4) switch
    {
        0 => "",
        1 => "#schön-日本-🐟",
        _ => new string((char)random.Next(32, 0x500), random.Next(20)),
    };
}

/// <summary>Compares records by what they say.</summary>
internal static class RecordImages
{
    public static void Equal(RecordImage expected, RecordImage actual, int seed)
    {
        Assert.True((expected with { Value = null }) == (actual with { Value = null }), $"guard differs, seed {seed}");
        Assert.Equal(expected.Value is null, actual.Value is null);
        if (expected.Value is not { } a || actual.Value is not { } b)
            return;
        Assert.Equal((a.Kind, a.Codec, a.Stamp, a.Incarnation, a.SourceVersion, a.FilledUnder),
            (b.Kind, b.Codec, b.Stamp, b.Incarnation, b.SourceVersion, b.FilledUnder));
        Assert.Equal((a.AgeAtFill, a.TimeToLive, a.HardTimeToLive, a.Sliding, a.LoadTime),
            (b.AgeAtFill, b.TimeToLive, b.HardTimeToLive, b.Sliding, b.LoadTime));
        Assert.Equal(a.Scopes, b.Scopes);
        Assert.Equal(a.Payload.ToArray(), b.Payload.ToArray());
    }
}
