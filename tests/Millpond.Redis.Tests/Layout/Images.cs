using System.Buffers;
using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Watched;
using Millpond.Shared;

namespace Millpond.Redis.Tests.Layout;

/// <summary>What is written is read back; what somebody else wrote never throws.</summary>
public class Images
{
    private const long TimeMax = (1L << 48) - 1;

    [Fact]
    public void A_records_head_is_read_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var head = new RecordHead(random.Next(2) == 0, Time(), Time(), Time(), Time(), Time(), Time(), Time());
            var bytes = new byte[RecordHead.Length];
            head.Write(bytes);
            Assert.True(RecordHead.TryRead(bytes, out var read));
            Assert.Equal(head, read);
        }

        long Time() => random.Next(4) switch { 0 => 0, 1 => TimeMax, _ => random.NextInt64(TimeMax) };
    }

    [Fact]
    public void A_control_record_is_read_back()
    {
        var random = new Random(2);
        for (var i = 0; i < 1_000; i++)
        {
            var image = new ControlImage(
                (ulong)random.NextInt64(), new PartitionState(new Incarnation((ulong)random.NextInt64(), (ulong)random.NextInt64()), random.NextInt64(), random.NextInt64()), random.NextInt64(), random.Next());
            var bytes = new byte[ControlImage.Length];
            image.Write(bytes);
            Assert.True(ControlImage.TryRead(bytes, out var read));
            Assert.Equal(image, read);
        }
    }

    [Theory]
    [InlineData(ChangeKind.Key, "17", AfterInvalidation.Gone)]
    [InlineData(ChangeKind.Key, "", AfterInvalidation.Stale)]
    [InlineData(ChangeKind.Scope, "#ключ 鍵 🔑", AfterInvalidation.Gone)]
    [InlineData(ChangeKind.Keyspace, "", AfterInvalidation.Gone)]
    public void A_change_is_read_back(ChangeKind kind, string name, AfterInvalidation after)
    {
        foreach (var sequence in (long[])[0, 1, 255, 256, long.MaxValue])
        {
            var change = new SequencedChange(sequence, new Change(kind, name, after));
            Assert.True(ChangeText.TryRead(ChangeText.Write(change), out var read));
            Assert.Equal(change, read);
        }
    }

    [Fact]
    public void What_is_cut_short_or_of_another_version_is_not_read()
    {
        var head = new byte[RecordHead.Length];
        new RecordHead(true, 1, 2, 3, 4, 5, 6, 7).Write(head);
        var control = new byte[ControlImage.Length];
        new ControlImage(1, default, 2, 3).Write(control);
        var change = ChangeText.Write(new SequencedChange(1, Change.OfKeyspace()));
        Assert.False(RecordHead.TryRead(head.AsSpan(1), out _));
        Assert.False(ControlImage.TryRead(control.AsSpan(..^1), out _));
        Assert.False(ControlImage.TryRead([.. control, 0], out _));
        Assert.False(ChangeText.TryRead(change.AsSpan(..^1), out _));
        (head[0], control[0], change[8]) = ((byte)'b', (byte)'b', (byte)'x');
        Assert.False(RecordHead.TryRead(head, out _));
        Assert.False(ControlImage.TryRead(control, out _));
        Assert.False(ChangeText.TryRead(change, out _));
        change[8] = (byte)'k';
        Assert.True(ChangeText.TryRead(change, out _));
        Assert.False(ChangeText.TryRead([.. change, 0xFF], out _));
    }

    [Fact]
    public void Hostile_bytes_never_throw()
    {
        var random = new Random(3);
        var sample = Sample();
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = sample[..random.Next(sample.Length + 1)];
            for (var changes = random.Next(6); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ControlImage.TryRead(bytes, out _);
            ChangeText.TryRead(bytes, out _);
            var time = random.NextInt64(TimeMax);
            RecordReplies.HasPlainValue(bytes, time);
            RecordReplies.IsLeased(bytes, time, out _);
            RecordReplies.WithValue(PooledBytes.CopyOf(bytes), time, default)?.Record!.Owner!.Dispose();
            Draft(bytes, time);
        }
    }

    private static void Draft(byte[] bytes, long time)
    {
        using var draft = new RecordDraft([1], PooledBytes.CopyOf(bytes), new Incarnation(1, 2), time);
        draft.Await();
        draft.Slide(time);
        Assert.InRange(draft.Commands(time).Count(), 0, 2);
        draft.Invalidate(AfterInvalidation.Stale, time);
        draft.EndLease();
        Assert.InRange(draft.Commands(time).Count(), 0, 2);
    }

    private static byte[] Sample()
    {
        var record = new SharedRecord
        {
            Kind = RecordKind.Value, Payload = new byte[20], TimeToLive = TimeSpan.FromMinutes(1), HardTimeToLive = TimeSpan.FromHours(1), Stamp = 5, Incarnation = new Incarnation(1, 2), Scopes = ["#a"],
        };
        var output = new ArrayBufferWriter<byte>();
        RecordFormat.Encode(new RecordImage(new Nonce(3, 4), LeasePurpose.Load, new Incarnation(1, 2), record), output);
        var head = new byte[RecordHead.Length];
        new RecordHead(true, 1, TimeMax, 3, TimeMax, TimeMax, 0, 0).Write(head);
        return [.. head, .. output.WrittenSpan];
    }
}
