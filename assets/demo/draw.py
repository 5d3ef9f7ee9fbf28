"""Draws what the demo's customers send: a breakdown at night, a flat tyre, a sticker, a voice note of babble.

Needs Pillow, numpy and ffmpeg (given as the only argument); writes beside itself. Run by hand when a picture changes.
"""
import math, os, random, subprocess, sys, tempfile, wave
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

HERE = os.path.dirname(os.path.abspath(__file__))
FFMPEG = sys.argv[1]


def sky(size, top, bottom):
    wide, high = size
    column = np.linspace(0, 1, high)[:, None, None]
    rows = (np.array(top) * (1 - column) + np.array(bottom) * column).astype(np.uint8)
    return Image.fromarray(np.repeat(rows, wide, axis=1))


def car(draw, x, y, s, body, lit=True):
    draw.rounded_rectangle([x, y - 42 * s, x + 220 * s, y], 16 * s, fill=body)
    draw.polygon([(x + 40 * s, y - 40 * s), (x + 75 * s, y - 84 * s), (x + 155 * s, y - 84 * s), (x + 190 * s, y - 40 * s)], fill=body)
    glass = (168, 196, 214)
    draw.polygon([(x + 54 * s, y - 44 * s), (x + 80 * s, y - 76 * s), (x + 110 * s, y - 76 * s), (x + 110 * s, y - 44 * s)], fill=glass)
    draw.polygon([(x + 116 * s, y - 44 * s), (x + 116 * s, y - 76 * s), (x + 150 * s, y - 76 * s), (x + 174 * s, y - 44 * s)], fill=glass)
    for wheel in (48, 172):
        cx = x + wheel * s
        draw.ellipse([cx - 24 * s, y - 24 * s, cx + 24 * s, y + 24 * s], fill=(24, 24, 28))
        draw.ellipse([cx - 11 * s, y - 11 * s, cx + 11 * s, y + 11 * s], fill=(150, 154, 160))
    if lit:
        draw.rounded_rectangle([x + 206 * s, y - 34 * s, x + 222 * s, y - 20 * s], 4 * s, fill=(255, 176, 32))
        draw.rounded_rectangle([x - 2 * s, y - 34 * s, x + 12 * s, y - 20 * s], 4 * s, fill=(220, 40, 40))


def truck(draw, x, y, s):
    draw.rectangle([x, y - 26 * s, x + 190 * s, y - 8 * s], fill=(70, 76, 84))
    draw.rounded_rectangle([x + 180 * s, y - 96 * s, x + 270 * s, y - 8 * s], 12 * s, fill=(245, 158, 11))
    draw.polygon([(x + 214 * s, y - 86 * s), (x + 252 * s, y - 86 * s), (x + 262 * s, y - 50 * s), (x + 214 * s, y - 50 * s)], fill=(200, 226, 240))
    draw.line([(x + 176 * s, y - 20 * s), (x + 60 * s, y - 110 * s)], fill=(40, 44, 52), width=int(12 * s))
    draw.line([(x + 60 * s, y - 110 * s), (x + 60 * s, y - 66 * s)], fill=(40, 44, 52), width=int(5 * s))
    draw.rounded_rectangle([x + 206 * s, y - 108 * s, x + 236 * s, y - 96 * s], 4 * s, fill=(239, 68, 68))
    for wheel in (40, 84, 226):
        cx = x + wheel * s
        draw.ellipse([cx - 25 * s, y - 25 * s, cx + 25 * s, y + 25 * s], fill=(24, 24, 28))
        draw.ellipse([cx - 11 * s, y - 11 * s, cx + 11 * s, y + 11 * s], fill=(160, 164, 170))


def road(size, top, bottom, asphalt):
    image = sky(size, top, bottom)
    draw = ImageDraw.Draw(image)
    wide, high = size
    hills = [(x, high * 0.56 - 40 * math.sin(x / 150) - 24 * math.sin(x / 61 + 2)) for x in range(0, wide + 20, 20)]
    draw.polygon([(0, high), *hills, (wide, high)], fill=tuple(int(c * 0.55) for c in bottom))
    draw.rectangle([0, high * 0.66, wide, high], fill=asphalt)
    for x in range(-40, wide, 160):
        draw.polygon([(x, high * 0.87), (x + 80, high * 0.87), (x + 66, high * 0.89), (x - 14, high * 0.89)], fill=(226, 214, 150))
    return image, draw


def triangle(draw, x, y, s):
    draw.polygon([(x, y), (x + 60 * s, y), (x + 30 * s, y - 54 * s)], fill=(220, 38, 38))
    draw.polygon([(x + 15 * s, y - 8 * s), (x + 45 * s, y - 8 * s), (x + 30 * s, y - 36 * s)], fill=(250, 240, 230))


def save(image, name, quality=62):
    image.filter(ImageFilter.GaussianBlur(0.6)).save(os.path.join(HERE, name), quality=quality, optimize=True, progressive=True)


size = (1024, 768)
image, draw = road(size, (13, 20, 48), (70, 62, 98), (38, 40, 46))
draw.ellipse([820, 70, 890, 140], fill=(240, 236, 214))
car(draw, 300, 640, 2.0, (176, 46, 52))
triangle(draw, 90, 660, 1.5)
save(image, "breakdown.jpg")

image, draw = road(size, (120, 168, 214), (222, 226, 214), (92, 94, 98))
draw.ellipse([300, 210, 740, 650], fill=(26, 26, 30))
draw.ellipse([400, 310, 640, 550], fill=(170, 174, 180))
for spoke in range(6):
    a = spoke * math.pi / 3
    draw.line([(520, 430), (520 + 112 * math.cos(a), 430 + 112 * math.sin(a))], fill=(96, 100, 106), width=22)
draw.polygon([(250, 650), (800, 650), (720, 590), (320, 590)], fill=(26, 26, 30))
save(image, "tyre.jpg")

image, draw = road(size, (246, 178, 112), (250, 222, 178), (84, 82, 86))
truck(draw, 120, 640, 2.0)
car(draw, 660, 640, 1.4, (46, 96, 160))
save(image, "loading.jpg")

image = Image.new("RGB", (720, 960), (34, 36, 40))
draw = ImageDraw.Draw(image)
draw.ellipse([110, 180, 610, 680], outline=(90, 94, 100), width=10)
for tick in range(0, 13):
    a = math.radians(150 + tick * 20)
    inner = 205 if tick % 2 else 190
    draw.line([(360 + inner * math.cos(a), 430 + inner * math.sin(a)), (360 + 232 * math.cos(a), 430 + 232 * math.sin(a))], fill=(230, 230, 226), width=7)
a = math.radians(168)
draw.line([(360, 430), (360 + 180 * math.cos(a), 430 + 180 * math.sin(a))], fill=(232, 64, 48), width=10)
draw.ellipse([336, 406, 384, 454], fill=(232, 64, 48))
draw.rounded_rectangle([300, 730, 420, 800], 12, outline=(245, 158, 11), width=9)
draw.rectangle([318, 714, 342, 730], fill=(245, 158, 11))
draw.rectangle([378, 714, 402, 730], fill=(245, 158, 11))
draw.line([(324, 766), (348, 766)], fill=(245, 158, 11), width=7)
draw.line([(372, 766), (396, 766)], fill=(245, 158, 11), width=7)
draw.line([(384, 754), (384, 778)], fill=(245, 158, 11), width=7)
save(image, "dashboard.jpg")


def sticker(turn):
    image = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse([24, 24, 488, 488], fill=(255, 255, 255, 255))
    draw.ellipse([44, 44, 468, 468], fill=(15, 118, 110, 255))
    truck(draw, 86, 340, 1.25)
    light = (254, 240, 138, 255) if turn else (239, 68, 68, 255)
    draw.rounded_rectangle([86 + 206 * 1.25, 340 - 112 * 1.25, 86 + 236 * 1.25, 340 - 96 * 1.25], 5, fill=light)
    if turn:
        for ray in range(5):
            a = math.radians(-150 + ray * 30)
            draw.line([(362 + 26 * math.cos(a), 200 + 26 * math.sin(a)), (362 + 52 * math.cos(a), 200 + 52 * math.sin(a))], fill=light, width=8)
    return image


sticker(True).save(os.path.join(HERE, "sticker.webp"), lossless=False, quality=70, method=6)
sticker(False).resize((256, 256)).save(os.path.join(HERE, "blinking.webp"), save_all=True, append_images=[sticker(True).resize((256, 256))], duration=420, loop=0, quality=60, method=6)

# Babble: pulses through two moving formants, in syllables.
random.seed(4)
rate, out = 16_000, []
for word in range(11):
    for _ in range(random.choice([1, 2, 2, 3])):
        n = int(rate * random.uniform(0.11, 0.2))
        t = np.arange(n) / rate
        pitch = random.uniform(105, 150) * (1 - 0.12 * t / t[-1])
        f1, f2 = random.choice([(700, 1220), (390, 2300), (300, 870), (500, 1700), (440, 1020)])
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        sound = sum(np.sin(k * phase) / k ** 0.4 * (np.exp(-((k * pitch - f1) / 130) ** 2) + 0.6 * np.exp(-((k * pitch - f2) / 190) ** 2)) for k in range(1, 26))
        out.append(sound * np.hanning(n) * random.uniform(0.5, 1.0))
    out.append(np.zeros(int(rate * random.choice([0.05, 0.09, 0.28]))))
sound = np.concatenate(out)
sound = (sound / np.abs(sound).max() * 22_000 + np.random.default_rng(1).normal(0, 30, len(sound))).astype("<i2")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "v.wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes(sound.tobytes())
    quiet = [FFMPEG, "-loglevel", "error", "-y"]
    clean = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-flags:v", "+bitexact"]
    subprocess.run([*quiet, "-i", path, *clean, "-ac", "1", "-c:a", "libopus", "-b:a", "12k", "-vbr", "on", "-application", "voip", os.path.join(HERE, "voice.ogg")], check=True)
    # A car goes by with its lights blinking.
    for frame in range(40):
        image, draw = road((360, 640), (13, 20, 48), (70, 62, 98), (38, 40, 46))
        car(draw, -160 + frame * 12, 540, 0.9, (46, 96, 160), lit=frame // 5 % 2 == 0)
        triangle(draw, 250, 470, 0.7)
        image.save(os.path.join(folder, f"{frame:03}.png"))
    subprocess.run([*quiet, "-framerate", "10", "-i", os.path.join(folder, "%03d.png"), "-f", "lavfi", "-i", "anullsrc=r=22050:cl=mono", "-shortest", *clean, "-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-crf", "33", "-preset", "veryslow", "-c:a", "aac", "-b:a", "8k", "-movflags", "+faststart", os.path.join(HERE, "passing.mp4")], check=True)

lines = ["Auto Socorro Farol do Sul", "Orcamento 4711", "", "Reboque ate 40 km           R$ 280,00", "Troca de pneu               R$  90,00", "", "Total                       R$ 370,00"]
text = "BT /F1 13 Tf 60 760 Td 22 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
           "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
           f"<</Length {len(text)}>>stream\n{text}\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"]
pdf, places = b"%PDF-1.4\n", []
for number, body in enumerate(objects, 1):
    places.append(len(pdf))
    pdf += f"{number} 0 obj{body}endobj\n".encode()
start = len(pdf)
pdf += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{at:010} 00000 n \n".encode() for at in places)
pdf += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
open(os.path.join(HERE, "quote.pdf"), "wb").write(pdf)
