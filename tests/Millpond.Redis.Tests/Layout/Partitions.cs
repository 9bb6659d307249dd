using System.Text;
using Millpond.Redis.Layout;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Tests.Layout;

public class Partitions
{
    private static readonly string[] Hostile =
    [
        "shop:product:v1", "", "{", "}", "{}", "}{", "{a}b", "a}b{c", "%", "%7B", "%7D", "%25", "a#0", "a#0~1", "a:17", "a!control", "a+1", "naïve ключ 鍵 🔑", "\0\r\n", new string('x', 10_000),
    ];

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(1_024)]
    public void Partitions_are_spread_over_the_slots_evenly(int count)
    {
        int[] slots = [.. Enumerable.Range(0, count).Select(i => new PartitionKeys(new PartitionId("shop:product:v1", i), count).Slot)];
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i, slots[i] * (long)count / RespSlot.Count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void All_names_of_a_partition_share_its_slot_whatever_the_keyspace_and_the_key_are_called(int count)
    {
        foreach (var keyspace in Hostile)
        {
            var keys = new PartitionKeys(new PartitionId(keyspace, 0), count);
            byte[][] names = [keys.Control, keys.Floors, keys.Log, keys.Channel, keys.Nothing, .. Hostile.Select(keys.RecordOf), .. Hostile.Select(keys.CounterOf)];
            Assert.All(names, name => Assert.Equal(keys.Slot, RespSlot.Of(name)));
        }
    }

    [Fact]
    public void No_two_things_have_one_name_whatever_keyspaces_and_keys_are_called()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var keyspace in Hostile)
        {
            foreach (var index in (int[])[0, 1, 10])
            {
                var keys = new PartitionKeys(new PartitionId(keyspace, index), 16);
                Add(keys.Control, "control");
                Add(keys.Floors, "floors");
                Add(keys.Log, "log");
                Add(keys.Nothing, "nothing");
                foreach (var text in Hostile)
                {
                    Add(keys.RecordOf(text), $"record {text}");
                    Add(keys.CounterOf(text), $"counter {text}");
                }

                void Add(byte[] name, string what) =>
                    Assert.True(names.TryAdd(Convert.ToHexString(name), what), $"{what} of '{keyspace}'#{index} is called as {names.GetValueOrDefault(Convert.ToHexString(name))} of another");
            }
        }
    }

    [Fact]
    public void A_name_written_into_a_command_is_the_name()
    {
        foreach (var text in Hostile)
        {
            var keys = new PartitionKeys(new PartitionId("shop:product:v1", 0), 1);
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new RespWriter(output);
            writer.Command("GET"u8, 1);
            keys.WriteRecord(ref writer, text);
            writer.Complete();
            var reader = new RespReader(output.WrittenSpan);
            reader.ReadNext();
            Assert.Equal(keys.RecordOf(text), RespValue.Read(ref reader).Items[1].Bytes.ToArray());
        }
    }

    [Fact]
    public void Names_are_what_the_documentation_says()
    {
        var keys = new PartitionKeys(new PartitionId("shop:product:v1", 0), 1);
        Assert.Equal("{shop:product:v1#0}:17", Encoding.UTF8.GetString(keys.RecordOf("17")));
        Assert.Equal("{shop:product:v1#0}+17", Encoding.UTF8.GetString(keys.CounterOf("17")));
        Assert.Equal("{shop:product:v1#0}!control", Encoding.UTF8.GetString(keys.Control));
        Assert.Equal("{shop:product:v1#0}!push", keys.ChannelName);
    }
}
