using System.Buffers;

namespace Millpond.Shared.InProcess;

/// <summary>
/// A value as the tier keeps it: in bytes, so that nothing of the caller's is shared and the reference uses the format that engines use.
/// Encoded before the lock is taken; only the stamp or the nonce is set under it. Not written to once it is stored.
/// </summary>
internal sealed class StoredValue
{
    public StoredValue(SharedRecord record)
    {
        var output = new ArrayBufferWriter<byte>(RecordFormat.ValueOffset + SmallPartsBytes + record.Payload.Length);
        RecordFormat.Encode(new RecordImage(Nonce.None, LeasePurpose.Load, default, record), output);
        Bytes = output.WrittenSpan.ToArray();
        (AgeAtFill, HardTimeToLive, Sliding) = (record.AgeAtFill, record.HardTimeToLive, record.Sliding);
    }

    /// <summary>Room for the packed fields of most records, so that the writer seldom grows.</summary>
    private const int SmallPartsBytes = 128;

    public byte[] Bytes { get; }

    public TimeSpan AgeAtFill { get; }

    public TimeSpan HardTimeToLive { get; }

    public TimeSpan Sliding { get; }

    public SharedRecord Decode() => RecordFormat.TryDecode(Bytes, null, out RecordImage image)
        ? image.Value!
        : throw new InvalidOperationException("A record in memory cannot be read back; the format's writer and reader disagree.");
}
