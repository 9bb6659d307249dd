using Millpond.Events;
using Millpond.Journals;
using Millpond.Keyspaces;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Serialization;
using Millpond.Sinks;

namespace Millpond.Writing.Behind;

/// <summary>What a keyspace says of its write-behind.</summary>
internal sealed record WriteBehindDeclared<TKey, TValue>(
    Func<IServiceProvider, IWriteJournal> Journal, Func<IServiceProvider, IWriteSink<TKey, TValue>> Sink, WriteBehindOptions Options)
    where TKey : notnull;

/// <summary>The same with its parts made, before there is a keyspace for them.</summary>
internal sealed record BehindPlan<TKey, TValue>(string FullName, IWriteJournal Journal, IWriteSink<TKey, TValue> Sink, WriteBehindOptions Options)
    where TKey : notnull
{
    public BehindParts<TKey, TValue> Parts(KeyspaceCore<TKey, TValue> core, Func<IReadOnlyCollection<TKey>, ISet<Task<bool>>, ValueTask> announce) => new()
    {
        Name = core.Name,
        FullName = FullName,
        Journal = Journal,
        Sink = Sink,
        Options = Options,
        Naming = core.Parts.Naming,
        KeyBytesMax = () => core.Policy.Limits.KeyBytesMax,
        Codec = new BehindCodec<TValue>(core.Parts.Codec, () => core.Policy.Limits.ValueBytesMax),
        Surroundings = core.Surroundings,
        Listener = core.Listener,
        Rules = core.Rules,
        Announce = announce,

        // Where the tier is in this process, whoever loads asks the journal first, and there is nothing older to be found.
        AnnouncesFlushes = !core.Tier.Capabilities.PushIsLossless,
    };
}

/// <summary>What write-behind of one keyspace is made of.</summary>
internal sealed record BehindParts<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The name it goes by in statistics and metrics.</summary>
    public required string Name { get; init; }

    /// <summary>The name that journal and ledger know: prefix and name, without the version, whose change must not strand what is pending.</summary>
    public required string FullName { get; init; }

    public required IWriteJournal Journal { get; init; }

    public required IWriteSink<TKey, TValue> Sink { get; init; }

    public required WriteBehindOptions Options { get; init; }

    public required KeyNaming<TKey> Naming { get; init; }

    /// <summary>The limit of a key's text now.</summary>
    public Func<int> KeyBytesMax { get; init; } = () => 1024;

    public required BehindCodec<TValue> Codec { get; init; }

    public required Surroundings Surroundings { get; init; }

    public CacheListener Listener { get; init; } = CacheListener.Deaf;

    public ProtocolRules Rules { get; init; } = ProtocolRules.Standard;

    /// <summary>Says that keys may be held elsewhere as they were before a flush, and adds what completes when a change that had to be deferred was told; null where nobody can.</summary>
    public Func<IReadOnlyCollection<TKey>, ISet<Task<bool>>, ValueTask>? Announce { get; init; }

    /// <summary>Whether each flush is announced: others read the source without knowing what is pending, and share what they read.</summary>
    public bool AnnouncesFlushes { get; init; }

    /// <summary>A record as the application knows it; throws <see cref="UnreadableException"/> where it is not of this keyspace's types.</summary>
    public DecodedRecord<TKey, TValue> Decode(JournalRecord record)
    {
        try
        {
            return Naming.TryRead(record.Key, out var key)
                ? new(record, key, Codec.Decode(record))
                : throw new UnreadableException("its key is not one of this keyspace's key type", null);
        }
        catch (MillpondException unreadable)
        {
            throw new UnreadableException(unreadable.Message, unreadable);
        }
    }
}

/// <summary>A record that this keyspace cannot read.</summary>
internal sealed class UnreadableException(string message, Exception? inner) : Exception(message, inner);

/// <summary>Between values and what a record holds of them: the codec's id, then its bytes.</summary>
internal sealed class BehindCodec<TValue>(RecordCodec<TValue>? codec, Func<int> valueBytesMax)
{
    private const int IdBytes = sizeof(uint);

    public byte[] Encode(TValue value)
    {
        using var payload = codec!.Encode(value, valueBytesMax());
        var bytes = new byte[IdBytes + payload.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes, codec.IdOf(value));
        payload.Span.CopyTo(bytes.AsSpan(IdBytes));
        return bytes;
    }

    /// <summary>Throws MP1202 where the bytes are not of this type.</summary>
    public TValue? Decode(JournalRecord record)
    {
        if (record.Kind != JournalKind.Set)
        {
            return default;
        }

        var id = record.Value.Length < IdBytes ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(record.Value.Span);
        return record.Value.Length >= IdBytes && codec!.Reads(id)
            ? codec.Decode(id, record.Value[IdBytes..], int.MaxValue / 2)
            : throw new MillpondException(ErrorCode.ValueCodec, $"a journaled value was written with codec {id:x8}, which this keyspace does not read. Let the version that wrote it flush before the value's type or codec changes.");
    }
}
