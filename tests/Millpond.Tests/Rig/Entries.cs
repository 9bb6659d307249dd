using Millpond.Local;
using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Tests.Rig;

/// <summary>Entries of which only the value or the weight matters.</summary>
internal static class Entries
{
    private static readonly PartitionView View = new(new PartitionId("k", 0));

    public static Entry<string> Of(string value) => Weighing(1_000, value: value);

    public static Entry<string> Weighing(long bytes, long hardUntil = long.MaxValue, string value = "v") => new()
    {
        Value = value,
        Kind = RecordKind.Value,
        LoadedAt = 0,
        FetchedAt = 0,
        QuietUntil = long.MaxValue,
        FreshUntil = long.MaxValue,
        HardUntil = hardUntil,
        LoadTicks = 0,
        SlidingTicks = 0,
        Scopes = [],
        FilledUnder = Nonce.None,
        Stamp = 0,
        Incarnation = Incarnation.Unknown,
        View = View,
        Epoch = 0,
        Origin = ReadOrigin.Source,
        Bytes = bytes,
    };
}
