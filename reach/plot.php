<?php

// libemb from PHP: php plot.php FILE
//
// FFI::cdef reads C declarations, so emb.h itself is what it is given.

declare(strict_types=1);

final class EmbError extends RuntimeException
{
}

final class Emb
{
    public readonly FFI $c;

    /** @var array<string, int> */
    private array $numbers = [];

    public function __construct()
    {
        $library = getenv('EMB_LIBRARY') ?: __DIR__ . '/../target/release/libemb.so';
        $header = file_get_contents(__DIR__ . '/../include/emb.h');
        // There is no preprocessor: its numbers are kept in a table, and its lines go.
        preg_match_all('/^#define (EMB_\w+) (-?\d+)$/m', $header, $defines, PREG_SET_ORDER);
        foreach ($defines as [, $name, $number]) {
            $this->numbers[$name] = (int) $number;
        }
        $header = preg_replace(['/^#ifdef __cplusplus.*?^#endif/ms', '/^#.*$/m'], '', $header);
        $this->c = FFI::cdef($header, $library);
    }

    public function __get(string $name): int
    {
        return $this->numbers["EMB_$name"];
    }

    public function check(int $status): void
    {
        if ($status === $this->OK) {
            return;
        }
        $error = $this->c->new('emb_error');
        $error->size = FFI::sizeof($error);
        $this->c->emb_error_take(FFI::addr($error));
        $this->c->emb_object_free($error->exception);
        throw new EmbError(FFI::string($error->type_name) . ': '
            . FFI::string($error->message, $error->message_length));
    }

    /** A handle that a function gives. */
    public function handle(callable $function): int
    {
        $handle = $this->c->new('emb_handle');
        $this->check($function(FFI::addr($handle)));
        return $handle->cdata;
    }

    public function import(string $name): int
    {
        return $this->handle(fn ($out) => $this->c->emb_import($name, strlen($name), $out));
    }

    /** $of.name(args..., keywords=args...): keywords are PHP's own named arguments. */
    public function call(int $of, string $name, mixed ...$args): FFI\CData
    {
        $keywords = array_filter(array_keys($args), is_string(...));
        $values = new Values($this, array_values($args));
        $result = $this->c->new('emb_value');
        $this->check($this->c->emb_call_method(
            $of, $name, strlen($name), $values->c, count($args) - count($keywords),
            $keywords ? implode(',', $keywords) : null, $this->NUL_TERMINATED, $this->RESULT_AUTO,
            FFI::addr($result),
        ));
        return $result;
    }

    public function array(FFI\CData $data, int $length): Handle
    {
        $shape = $this->c->new('int64_t');
        $shape->cdata = $length;
        return new Handle($this->handle(fn ($out) => $this->c->emb_array_from_ptr(
            $data, 'float64', $this->NUL_TERMINATED, 1, FFI::addr($shape), null,
            $this->RELEASE_QUEUE, null, $data, $out,
        )));
    }
}

/** A Python object, told from an int. */
final class Handle
{
    public function __construct(public readonly int $number)
    {
    }
}

/** An array of emb_value, with the text and the values that it points to. */
final class Values
{
    public readonly ?FFI\CData $c;
    private array $kept = [];

    public function __construct(private Emb $emb, array $values)
    {
        $this->c = $values ? $emb->c->new('emb_value[' . count($values) . ']') : null;
        foreach ($values as $i => $value) {
            $this->set($this->c[$i], $value);
        }
    }

    private function set(FFI\CData $slot, mixed $value): void
    {
        if (is_string($value)) {
            $slot->kind = $this->emb->TEXT;
            $slot->length = strlen($value);
            // A PHP string has no address that one could store: it is copied.
            $this->kept[] = $bytes = FFI::new('char[' . max(1, strlen($value)) . ']');
            FFI::memcpy($bytes, $value, strlen($value));
            $slot->as->text = FFI::cast('char *', $bytes);
        } elseif (is_int($value)) {
            $slot->kind = $this->emb->INT;
            $slot->as->integer = $value;
        } elseif (is_float($value)) {
            $slot->kind = $this->emb->FLOAT;
            $slot->as->real = $value;
        } elseif ($value instanceof Handle) {
            $slot->kind = $this->emb->OBJECT;
            $slot->as->object = $value->number;
        } elseif (is_array($value)) {
            $list = array_is_list($value);
            $this->kept[] = $items = new self($this->emb, $list ? $value
                : array_merge(...array_map(null, array_keys($value), array_values($value))));
            $slot->kind = $list ? $this->emb->LIST : $this->emb->DICT;
            $slot->length = count($value);
            $slot->as->items = $this->emb->c->cast('emb_value *', $items->c);
        }
    }
}

function share(Emb $emb): void
{
    $numbers = FFI::new('double[3]');
    foreach ([3, 1, 2] as $i => $number) {
        $numbers[$i] = $number;
    }
    $sorted = $emb->array($numbers, 3)->number;
    $emb->call($sorted, 'sort');
    echo "shared     $numbers[0] $numbers[1] $numbers[2]\n";

    $released = FFI::new('void *[1]');
    $count = FFI::new('size_t');
    $emb->check($emb->c->emb_object_free($sorted));
    $emb->check($emb->c->emb_run('', 0, null, 0, 0)); // enters Python, which drops it
    $emb->check($emb->c->emb_released($released, 1, FFI::addr($count)));
    echo "released   {$count->cdata}\n";
}

function call_back(Emb $emb, int $builtins): void
{
    // An exception must not leave a callback: raise it in Python, and return its status.
    $length = function ($userdata, $args, $nargs, $keywords, $keywords_length, $result) use ($emb) {
        if ($args[0]->length === 0) {
            return $emb->c->emb_error_raise(
                'ValueError', $emb->NUL_TERMINATED, 'an empty word', $emb->NUL_TERMINATED);
        }
        $result->kind = $emb->INT;
        $result->as->integer = $args[0]->length;
        return $emb->OK;
    };
    $key = new Handle($emb->handle(fn ($out) => $emb->c->emb_callback_new(
        'word_length', $emb->NUL_TERMINATED, null, 0, $length, null,
        $emb->RESULT_AUTO | $emb->ONE_THREAD, null, $out)));

    $sorted = $emb->call($builtins, 'sorted', ['cherry', 'fig', 'lemon'], key: $key)->as->object;
    $shown = $emb->c->new('emb_value');
    $emb->check($emb->c->emb_object_text($sorted, $emb->TEXT_REPR, FFI::addr($shown)));
    echo 'callback   ', FFI::string($shown->as->text, $shown->length), "\n";
    try {
        $emb->call($builtins, 'sorted', ['fig', '', 'lemon'], key: $key);
    } catch (EmbError $error) {
        echo "raised     {$error->getMessage()}\n";
    }
    $emb->check($emb->c->emb_object_free($sorted));
    $emb->check($emb->c->emb_object_free($key->number));
}

function plot(Emb $emb, string $path): void
{
    $points = 1000;
    $xs = FFI::new("double[$points]");
    $ys = FFI::new("double[$points]");
    [$x, $y] = [0.1, 0.0];
    for ($i = 0; $i < $points; $i++) {
        $x += 0.03 * $y;
        $y += 0.03 * ((1 - $x * $x) * $y - $x);
        $xs[$i] = $x;
        $ys[$i] = $y;
    }
    $emb->call($emb->import('matplotlib'), 'use', 'agg');
    $pyplot = $emb->import('matplotlib.pyplot');
    $emb->call($pyplot, 'plot', $emb->array($xs, $points), $emb->array($ys, $points),
        color: 'teal', linewidth: 1.5);
    $emb->call($pyplot, 'title', "Van der Pol's oscillator");
    $emb->call($pyplot, 'savefig', $path, dpi: 80, metadata: ['Software' => null]);
    $emb->check($emb->c->emb_shutdown()); // while PHP still keeps $xs and $ys
}

$emb = new Emb();
if ($argc !== 2 || $emb->c->emb_abi_version() !== $emb->ABI_VERSION) {
    exit($argc !== 2 ? "usage: plot.php FILE\n" : "another version of libemb\n");
}
$emb->check($emb->c->emb_init(null));
echo 'abi        ', $emb->c->emb_abi_version(), "\n";
share($emb);
$builtins = $emb->import('builtins');
call_back($emb, $builtins);
try {
    $emb->call($builtins, 'int', 'ten');
} catch (EmbError $error) {
    echo "exception  {$error->getMessage()}\n";
}
plot($emb, $argv[1]);
echo "picture    drawn\n";
