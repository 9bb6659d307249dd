using System.Text;
using Millpond.Keys;
using Xunit;

namespace Millpond.Tests.Keys;

/// <summary>Random keys from an alphabet of what could do harm. The seed is in the failure; the same seed gives the same keys.</summary>
public class KeyTextProperties
{
    private const int Rounds = 20_000;

    private static readonly string[] Alphabet =
        ["a", "b", ":", "%", "%3A", "%00", "%2", "5", "{", "}", "#", " ", "@", "*", "-", "ä", "\u4E2D", "\U0001F600", "\u00A0", "\uFEFF"];

    public readonly record struct Triple(string? First, int? Second, (string, bool) Third);

    [Theory]
    [InlineData(1)]
    [InlineData(20260101)]
    public void Different_keys_have_different_texts(int seed)
    {
        var random = new Random(seed);
        Injective(random, KeyText<string>.Create(), r => "k" + Part(r));
        Injective(random, KeyText<(string, string)>.Create(), r => (Part(r), Part(r)));
        Injective(random, KeyText<(string, (string, string))>.Create(), r => (Part(r), (Part(r), Part(r))));
        Injective(random, KeyText<Triple>.Create(), r => new Triple(PartOrNull(r), r.Next(3) - 1 is var n && n < 0 ? null : n, (Part(r), r.Next(2) == 0)));
        Injective(random, KeyText<(char, string)>.Create(), r => (":%a#"[r.Next(4)], Part(r)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20260102)]
    public void Different_tenants_and_keys_have_different_texts(int seed)
    {
        var random = new Random(seed);
        var text = KeyText<(string, string)>.Create();
        var seen = new Dictionary<string, (string, (string, string))>();
        for (var i = 0; i < Rounds; i++)
        {
            var (tenant, key) = ("t" + Part(random), (Part(random), Part(random)));
            var known = seen.GetOrAdd(text.Text(key, tenant), (tenant, key));
            Assert.True(known == (tenant, key), $"seed {seed}: {known} and {(tenant, key)}");
            Assert.StartsWith(KeyText<string>.Create().Text(tenant) + ":", text.Text(key, tenant), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20260103)]
    public void No_text_has_a_character_of_its_key_that_means_something(int seed)
    {
        var random = new Random(seed);
        var text = KeyText<string>.Create();
        for (var i = 0; i < Rounds; i++)
        {
            var key = "k" + Part(random);
            var actual = text.Text(key);
            Assert.True(actual.AsSpan().IndexOfAny(":{}# ") < 0, $"seed {seed}: {key}");
            Assert.Equal(key, Uri.UnescapeDataString(actual));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(20260104)]
    public void Whatever_comes_in_is_a_text_within_the_limit_or_an_error_of_its_own(int seed)
    {
        var random = new Random(seed);
        var text = KeyText<string>.Create();
        var (passed, refused) = (0, 0);
        for (var i = 0; i < Rounds; i++)
        {
            var key = Garbage(random);
            try
            {
                var actual = text.Text(key);
                Assert.InRange(Encoding.UTF8.GetByteCount(actual), 1, KeyRules.DefaultKeyBytesMax);
                Assert.DoesNotContain(actual, c => char.IsControl(c) || c is ' ' or '\u2028' or '\u2029');
                passed++;
            }
            catch (MillpondException e)
            {
                Assert.True(e.Code is ErrorCode.KeyLength or ErrorCode.KeyCharacters, $"seed {seed}: {e.Code}");
                refused++;
            }
        }

        Assert.True(passed > 1000 && refused > 1000, $"{passed} passed, {refused} refused: the garbage is of one kind");
    }

    private static void Injective<TKey>(Random random, KeyText<TKey> text, Func<Random, TKey> next)
        where TKey : notnull
    {
        var seen = new Dictionary<string, TKey>();
        for (var i = 0; i < Rounds; i++)
        {
            var key = next(random);
            var known = seen.GetOrAdd(text.Text(key), key);
            Assert.True(EqualityComparer<TKey>.Default.Equals(known, key), $"{known} and {key} have one text");
        }
    }

    private static string Part(Random random)
    {
        var part = new StringBuilder();
        for (var length = random.Next(4); length > 0; length--)
        {
            part.Append(Alphabet[random.Next(Alphabet.Length)]);
        }

        return part.ToString();
    }

    private static string? PartOrNull(Random random) => random.Next(4) == 0 ? null : Part(random);

    /// <summary>Any UTF-16 at all, half of it mostly letters so that some passes.</summary>
    private static string Garbage(Random random)
    {
        var chars = new char[random.Next(random.Next(2) == 0 ? 12 : 300)];
        var wild = random.Next(2) == 0;
        for (var i = 0; i < chars.Length; i++)
        {
            chars[i] = wild ? (char)random.Next(0x10000) : (char)('!' + random.Next(94));
        }

        return new string(chars);
    }
}

internal static class Seen
{
    public static T GetOrAdd<T>(this Dictionary<string, T> seen, string text, T key)
    {
        if (!seen.TryAdd(text, key))
        {
            return seen[text];
        }

        return key;
    }
}
