using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Millpond;
using Tidy.Tests.Api;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>
/// The table of options is written from the code: names and types from the compiled records, defaults from fresh instances, limits and effects from their
/// documentation. It is accepted on purpose, as the public API is.
/// </summary>
public class Options
{
    private const string Document = "docs/reference/options.md";

    private static readonly (Type Type, string Where)[] Tables =
    [
        (typeof(MillpondOptions), "Of a cache as a whole: `Configure(o => ...)`, or the section `Millpond` (`Millpond:{cache}` for a named cache)."),
        (typeof(SourceLimits), "Of one source: `Configure(o => o.Sources[name] = ...)`, or `Millpond:Sources:{source}`."),
        (typeof(HotKeyOptions), "Of a cache as a whole: `Configure(o => o.HotKeys...)`, or `Millpond:HotKeys`."),
        (typeof(KeyspacePolicy), "Of one keyspace: `Policy(p => ...)`, or `Millpond:Keyspaces:{keyspace}`."),
        (typeof(KeyspaceLimits), "Of one keyspace: `Limits(l => ...)`, or `Millpond:Keyspaces:{keyspace}:Limits`."),
        (typeof(WarmUpOptions), "Of one keyspace's warm-up: `WarmUp(w => w.Within(o => ...))`, or `Millpond:Keyspaces:{keyspace}:WarmUp`."),
        (typeof(WriteBehindOptions), "Of one keyspace's write-behind, or of merged counters: `WriteBehind(journal, sink, o => ...)`, `AddMergedCounters(name, journal, sink, o => ...)`."),
        (typeof(EntryOptions), "Of one entry, with the call that stores or loads it."),
        (typeof(ReadOptions), "Of one read, with the call."),
    ];

    [Fact]
    public void The_reference_of_options_is_what_the_code_says()
    {
        var actual = Render();
        var path = Path.Combine(Repository.Root, Document);
        if (Environment.GetEnvironmentVariable("MILLPOND_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        var written = File.Exists(path) ? File.ReadAllText(path) : "";
        var missing = actual.Split('\n').Except(written.Split('\n')).Select(line => "+ " + line);
        var gone = written.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line);
        Assert.True(written == actual, $"{Document} is not what the code says. If the code is right: ./test --accept-api\n{string.Join('\n', gone.Concat(missing))}");
    }

    [Fact]
    public void Every_option_says_what_it_changes() =>
        Assert.Empty(Tables.SelectMany(table => Properties(table.Type)).Where(property => Told(property).Length == 0).Select(property => property.Name));

    [Theory]
    [InlineData("<summary>A  <c>b</c>\n and <see cref=\"P:N.T.Prop\"/> | <paramref name=\"x\"/>.</summary>", "A `b` and `Prop` \\| `x`.")]
    public void Documentation_becomes_one_line(string xml, string line) => Assert.Equal(line, OneLine(XElement.Parse(xml)));

    private static string Render()
    {
        var text = new StringBuilder("# Options\n\nWritten from the code by a test; `./test --accept-api` writes it anew. A time is written `hours:minutes:seconds`.\n");
        foreach (var (type, where) in Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {type.Name}\n\n{Sentence(type)}\n\n{where}\n\n| Option | Type | Default | What it changes, and its limits |\n|---|---|---|---|\n");
            var fresh = Activator.CreateInstance(type);
            foreach (var property in Properties(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {NameOf(property.PropertyType)} | {Say(property.GetValue(fresh))} | {Told(property)} |\n");
            }
        }

        text.Append("\n## KeyspaceBuilder\n\nWhat a keyspace is declared with, beside its policy and limits.\n\n| Method | What it declares |\n|---|---|\n");
        foreach (var method in typeof(KeyspaceBuilder<,>).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).OrderBy(Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{method.Name}{(method.IsGenericMethod ? "<TService>" : "")}` | {Told(Key(method))} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).OrderBy(property => property.MetadataToken);

    private static string Sentence(Type type) => Told($"T:{type.FullName}");

    private static string Told(PropertyInfo property) => Told($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static string Told(string member) => Documentation.TryGetValue(member, out var summary) ? OneLine(summary) : "";

    private static Dictionary<string, XElement> Documentation { get; } =
        XDocument.Load(Path.ChangeExtension(ShippedAssembly.DllPath("Millpond"), ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null).ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    /// <summary>A method's name in the documentation, found by its beginning where overloads differ only in generic parameters.</summary>
    private static string Key(MethodInfo method)
    {
        var name = $"M:Millpond.KeyspaceBuilder`2.{method.Name}{(method.IsGenericMethod ? "``1(" : "(")}";
        return Documentation.Keys.FirstOrDefault(member => member.StartsWith(name, StringComparison.Ordinal))
            ?? Documentation.Keys.First(member => member == name.TrimEnd('('));
    }

    private static string OneLine(XElement summary)
    {
        var words = summary.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement element => $"`{Last(element.Attribute("cref")?.Value ?? element.Attribute("name")?.Value ?? element.Value)}`",
            _ => "",
        });
        return Regex.Replace(string.Concat(words), @"\s+", " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Last(string cref) => Regex.Replace(cref, @"\(.*|`+\d+", "").Split('.')[^1];

    private static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? NameOf(inner) + "?"
        : type == typeof(int) ? "int" : type == typeof(long) ? "long" : type == typeof(double) ? "double" : type == typeof(string) ? "string"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}&lt;{string.Join(", ", type.GetGenericArguments().Select(NameOf))}&gt;" : type.Name;

    private static string Say(object? value) => value switch
    {
        null => "none",
        _ when Tables.Any(table => table.Type == value.GetType()) => $"[below](#{value.GetType().Name.ToLowerInvariant()})",
        long.MaxValue => "unlimited",
        TimeSpan time => $"`{time.ToString("c", CultureInfo.InvariantCulture)}`",
        System.Collections.IDictionary named => string.Join(", ", named.Keys.Cast<string>().Select(name => $"`{name}`")),
        IFormattable number when number is int or long => number.ToString("#,0", CultureInfo.InvariantCulture),
        IFormattable other => $"`{other.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };
}
