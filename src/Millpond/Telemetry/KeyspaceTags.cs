using System.Collections.Frozen;
using Millpond.Events;
using Millpond.Shared;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Millpond.Telemetry;

/// <summary>The tags of one keyspace's measurements, made once, so that measuring allocates nothing.</summary>
internal sealed class KeyspaceTags
{
    private const string OtherOperation = "other";

    // What the roads and the keeper say of themselves in SharedTierFailed.
    private static readonly string[] Operations =
        ["read", "wait", "acquire", "extend", "fill", "release", "put", "begin write", "subscribe", "read control", "read warm side", "change", "change again", OtherOperation];

    private readonly Tag[][] _tiers;
    private readonly Tag[][][] _changes;
    private readonly Tag[][] _refused;
    private readonly Tag[][] _channel;
    private readonly Tag[][] _written;
    private readonly FrozenDictionary<string, Tag[]> _operations;

    public KeyspaceTags(string cache, string keyspace)
    {
        Keyspace = keyspace;
        Own = [new(TagNames.Cache, cache), new(TagNames.Keyspace, keyspace)];
        _tiers = Each<ReadOrigin>(TagNames.Tier);
        _changes = [.. Enum.GetValues<ChangeOrigin>().Select(origin => Each<ChangeKind>(TagNames.Scope).Select(tags => With(tags, TagNames.Origin, TagNames.Snake(origin))).ToArray())];
        _refused = Each<FillOutcome>(TagNames.Reason);
        _channel = Each<ChannelEventKind>(TagNames.Event);
        _written = Each<WriteResultKind>(TagNames.Result);
        _operations = Operations.ToFrozenDictionary(name => name, name => With(Own, TagNames.Operation, name.Replace(' ', '_')));
        Found = With(Own, TagNames.Result, "found");
        Missing = With(Own, TagNames.Result, "missing");
    }

    public string Keyspace { get; }

    /// <summary>Cache and keyspace alone.</summary>
    public Tag[] Own { get; }

    public Tag[] Found { get; }

    public Tag[] Missing { get; }

    public Tag[] Tier(ReadOrigin origin) => _tiers[(int)origin];

    public Tag[] Change(ChangeKind kind, ChangeOrigin origin) => _changes[(int)origin][(int)kind];

    public Tag[] Refused(FillOutcome outcome) => _refused[(int)outcome];

    public Tag[] Channel(ChannelEventKind kind) => _channel[(int)kind];

    public Tag[] Written(WriteResultKind result) => _written[(int)result];

    public Tag[] Operation(string name) => _operations.GetValueOrDefault(name) ?? _operations[OtherOperation];

    /// <summary>For what is read now and then, where an array may be made.</summary>
    public Tag[] And(params ReadOnlySpan<Tag> more) => [.. Own, .. more];

    private static Tag[] With(Tag[] tags, string name, object value) => [.. tags, new(name, value)];

    private Tag[][] Each<T>(string name)
        where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(member => With(Own, name, TagNames.Snake(member)))];
}
