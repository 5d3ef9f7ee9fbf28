//! Brazilian Portuguese.

use super::{
    Side::{Customer, Desk},
    Story, Trade, Words,
};

pub(super) const WORDS: Words = Words {
    names: &[
        "Ana",
        "Bruno",
        "Camila",
        "Diego",
        "Eduarda",
        "Felipe",
        "Gabriela",
        "Heitor",
        "Isabela",
        "João",
        "Karina",
        "Lucas",
        "Mariana",
        "Nelson",
        "Olívia",
        "Paulo",
        "Renata",
        "Sérgio",
        "Tatiana",
        "Vinícius",
    ],
    surnames: &[
        "Albuquerque",
        "Batista",
        "Cardoso",
        "Duarte",
        "Esteves",
        "Ferraz",
        "Gonçalves",
        "Junqueira",
        "Lacerda",
        "Machado",
        "Nogueira",
        "Peixoto",
        "Queiroz",
        "Ramalho",
        "Sampaio",
        "Teles",
        "Vasconcelos",
        "Xavier",
    ],
    places: &[
        "na BR-101 km 214",
        "na saída para a praia",
        "no posto da Serra Verde",
        "na Av. das Palmeiras",
        "no trevo do Morro Alto",
        "na Rua das Gaivotas, 120",
        "no estacionamento do mercado central",
        "na ponte do Rio Manso",
        "na marginal, sentido norte",
        "em frente à rodoviária",
    ],
    cars: &["um hatch prata", "uma picape branca", "um sedã preto", "um SUV cinza", "um furgão branco", "uma moto vermelha"],
    doctors: &["Dra. Helena", "Dr. Augusto", "Dra. Beatriz", "Dr. Caetano"],
};

pub(super) const STORIES: &[Story] = &[
    Story {
        trade: Trade::Roadside,
        turns: &[
            (
                Customer,
                &["Boa tarde, meu carro não liga 😩", "Oi, fiquei sem bateria", "Bom dia! O carro morreu e não pega mais"],
            ),
            (Customer, &["Estou {place}, é {car}, placa {plate}", "Tô parado {place}. {car}, {plate}"]),
            (
                Desk,
                &[
                    "Olá! Aqui é {agent}, do guincho. O painel acende quando você vira a chave?",
                    "Oi, sou {agent}. Você está em local seguro? O painel acende?",
                ],
            ),
            (Customer, &["Acende fraquinho e faz tec tec", "Não acende nada", "Acende, mas apaga quando tento ligar"]),
            (
                Desk,
                &[
                    "Pelo jeito é bateria. Mando o auxílio com a bateria auxiliar, chega em uns {minutes} min. O valor é R$ {price}.",
                    "É bateria mesmo. O técnico chega em {minutes} minutos, fica em R$ {price}. Posso confirmar?",
                ],
            ),
            (Customer, &["Pode mandar!", "Confirmado, obrigado", "Ok, aguardo aqui"]),
            (
                Desk,
                &[
                    "Confirmado, ordem {order}. Fique no carro com o pisca ligado, por favor.",
                    "Técnico a caminho. Ordem {order}.",
                ],
            ),
            (Customer, &["Ele chegou, já está funcionando 👏", "Resolvido, muito obrigado!", "Atendimento excelente, valeu"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (
                Customer,
                &["Preciso de um guincho urgente", "Socorro, bati o carro", "Olá, tive um acidente leve e o carro não anda"],
            ),
            (
                Desk,
                &[
                    "Sinto muito! Alguém se machucou? Me passe o local, por favor. Aqui é {agent}.",
                    "Tem alguém ferido? Onde você está?",
                ],
            ),
            (Customer, &["Todo mundo bem, graças a Deus. Estou {place}", "Ninguém ferido. {place}, é {car}"]),
            (Desk, &["Que bom. Para onde levamos o carro?", "Certo. Qual o destino do veículo?"]),
            (Customer, &["Para a oficina {other}", "Pra minha casa, {other}", "Pode deixar na seguradora, {other}"]),
            (
                Desk,
                &[
                    "O guincho plataforma chega em {minutes} min. Total R$ {price}, placa {plate}, ordem {order}.",
                    "Anotado, placa {plate}. Previsão {minutes} minutos e R$ {price}.",
                ],
            ),
            (Customer, &["Vocês aceitam pix?", "Pode parcelar no cartão?", "Minha seguradora cobre isso?"]),
            (Desk, &["Aceitamos sim, pix ou cartão em até 3x.", "Sim! Se for pela seguradora, mande o número da apólice."]),
            (Customer, &["Perfeito, aguardo", "Combinado então", "Obrigada pela rapidez"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Furou o pneu e meu estepe está murcho", "Oi, pneu furado {place}", "Dois pneus furados num buraco 😡"]),
            (Desk, &["Oi! {agent} falando. O carro está {place}? Qual o modelo?", "Olá, qual o veículo e a placa?"]),
            (Customer, &["{car}, placa {plate}", "É {car}. Placa {plate}, estou no acostamento"]),
            (
                Desk,
                &[
                    "Mando o borracheiro móvel, {minutes} min, R$ {price}.",
                    "Temos borracheiro perto de você: {minutes} minutos, R$ {price}.",
                ],
            ),
            (Customer, &["Tá caro, mas pode vir", "Pode vir sim", "Fechado"]),
            (Desk, &["A caminho! Ordem {order}.", "Saiu agora, ordem {order}. Qualquer coisa me chame."]),
            (Customer, &["Deu certo, obrigado!", "Trocou rapidinho, valeu!"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Tranquei a chave dentro do carro", "Minha chave quebrou na porta, e agora?"]),
            (Customer, &["Estou {place}", "O carro é {car}, {place}"]),
            (
                Desk,
                &[
                    "Sem problema, nosso chaveiro atende 24h. Tem criança ou animal dentro do carro?",
                    "Oi, {agent} aqui. O carro está vazio?",
                ],
            ),
            (Customer, &["Não, só a chave mesmo kkk", "Tá vazio, só minha bolsa"]),
            (
                Desk,
                &[
                    "Chaveiro em {minutes} min, R$ {price}. Precisamos do documento do carro na hora.",
                    "Ok! {minutes} minutos, R$ {price}. Placa?",
                ],
            ),
            (Customer, &["Placa {plate}, pode mandar", "{plate}. Estou esperando na sombra"]),
            (Desk, &["Confirmado, ordem {order} 👍", "Enviado! Ordem {order}."]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (
                Customer,
                &[
                    "Quanto custa um guincho {place} até {other}?",
                    "Bom dia, queria um orçamento de guincho",
                    "Vocês transportam moto?",
                ],
            ),
            (
                Desk,
                &[
                    "Oi! Para esse trajeto fica R$ {price}, com seguro incluso.",
                    "Olá, aqui é {agent}. Sai por R$ {price}. Quer agendar?",
                ],
            ),
            (Customer, &["Vou pensar, obrigado", "Pode agendar amanhã às {hour}", "E à noite, tem acréscimo?"]),
            (Desk, &["Fico à disposição!", "Agendado. Enviamos lembrete uma hora antes.", "Depois das 22h há acréscimo de 20%."]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Preciso da nota fiscal da ordem {order}", "Olá, não recebi o recibo do guincho de ontem"]),
            (Desk, &["Claro! Qual o CPF ou CNPJ para a nota?", "Oi, sou {agent}. Me confirma o e-mail para envio?"]),
            (Customer, &["Pode mandar para oficina@example.com", "O mesmo do cadastro, por favor"]),
            (Desk, &["Enviada agora mesmo, confira a caixa de entrada.", "Prontinho! Se não chegar em 10 min me avise."]),
            (Customer, &["Chegou, obrigado!", "Recebido 🙏"]),
        ],
    },
    Story {
        trade: Trade::Clinic,
        turns: &[
            (Customer, &["Bom dia, gostaria de marcar consulta com {doctor}", "Oi, tem horário com {doctor} essa semana?"]),
            (Desk, &["Bom dia! Temos quinta às {hour}. Serve?", "Olá, {agent} da recepção. Quinta às {hour} ou sexta de manhã?"]),
            (Customer, &["Quinta está ótimo", "Pode ser sexta?", "Serve sim, é retorno"]),
            (
                Desk,
                &[
                    "Agendado! Chegue 15 minutos antes com documento e carteirinha.",
                    "Marcado às {hour}. Traga os exames, por favor.",
                ],
            ),
            (Customer, &["Obrigada!", "Combinado, até lá"]),
        ],
    },
    Story {
        trade: Trade::Clinic,
        turns: &[
            (Customer, &["Meu exame já ficou pronto? Protocolo {order}", "Olá, quero saber do resultado {order}"]),
            (Desk, &["Vou verificar, um momento.", "Oi! {agent} aqui, já olho para você."]),
            (Desk, &["Está pronto, pode retirar a partir das {hour}.", "Ainda em análise, previsão amanhã às {hour}."]),
            (Customer, &["Ok, passo aí", "Certo, obrigado"]),
        ],
    },
];
